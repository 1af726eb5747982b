#include "dialects/tool_ids.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace recloser::dialects {

using chat::raw_text;

namespace {

constexpr std::size_t longest = 64;
constexpr std::size_t nine = 9;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_legal(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
bool is_nine(raw_text id) { return id.size() == nine && std::ranges::all_of(id, is_alphanumeric); }

/// FNV-1a: the same id gives the same name in every request, so prompt caches keep hitting.
std::uint64_t hash(raw_text id) {
  std::uint64_t sum = 14695981039346656037ull;
  for (char const c : id) sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return sum;
}

std::string nine_of(raw_text id) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string out;
  for (auto rest = hash(id); out.size() < nine; rest /= digits.size()) out += digits[rest % digits.size()];
  return out;
}

}  // namespace

bool is_legal_word(raw_text name) {
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) { return is_legal(c); });
}

std::string legal_word(raw_text name) {
  if (name.empty()) return "call";
  auto out =
      name.size() <= longest ? std::string(name) : fmt::format("{}_{:016x}", name.substr(0, longest - 17), hash(name));
  std::ranges::replace_if(
      out, [](char c) { return !is_legal(c); }, '_');
  return out;
}

raw_text tool_ids::legal(raw_text id) {
  if (form_ == id_form::nine) return is_nine(id) ? id : made_.keep(nine_of(id));
  return is_legal_word(id) ? id : made_.keep(legal_word(id));
}

raw_text tool_ids::unique(raw_text id) {
  auto const wanted = legal(id);
  for (auto free = wanted;; free = legal(made_.keep(fmt::format("{}_{}", wanted, used_[wanted])))) {
    auto const [place, fresh] = used_.try_emplace(free, 1);
    if (fresh) return free;
    ++used_[wanted];
  }
}

raw_text tool_ids::open(raw_text id) {
  auto const sent = unique(id);
  by_name_.emplace(id, open_.size());
  open_.push_back({sent});
  return sent;
}

raw_text tool_ids::answer(raw_text id) {
  auto at = by_name_.lower_bound(id);
  while (at != by_name_.end() && at->first == id) {
    auto& found = open_[at->second];
    at = by_name_.erase(at);
    if (found.answered) continue;  // by a nameless answer
    found.answered = true;
    return found.sent;
  }
  while (oldest_ < open_.size() && open_[oldest_].answered) ++oldest_;
  if (!id.empty() || oldest_ == open_.size()) return {};
  open_[oldest_].answered = true;
  return open_[oldest_].sent;
}

std::vector<raw_text> tool_ids::close() {
  std::vector<raw_text> unanswered;
  for (auto const& each : open_) {
    if (!each.answered) unanswered.push_back(each.sent);
  }
  open_.clear();
  by_name_.clear();
  oldest_ = 0;
  return unanswered;
}

}  // namespace recloser::dialects
