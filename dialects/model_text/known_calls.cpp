#include "dialects/model_text/known_calls.hpp"

#include <algorithm>

#include "dialects/json.hpp"
#include "dialects/model_text/loose_json.hpp"

namespace recloser::dialects::model_text {

namespace {

constexpr std::size_t most_calls = 128;
constexpr std::size_t longest_arguments = 1u << 20;

/// Arguments in one spelling: servers write them anew, with other white space and other escapes.
std::string same_spelling(std::string_view arguments) {
  auto const plain = loose_json(arguments, false);
  return plain ? json::decode(*plain) : std::string(arguments);
}

}  // namespace

void known_calls::begin(int index, chat::raw_text name) {
  if (calls_.size() < most_calls) calls_.push_back({index, json::decode(name), {}});
}

void known_calls::add_arguments(int index, chat::raw_text piece) {
  auto const found = std::ranges::find(calls_, index, &call::index);
  if (found == calls_.end() || found->arguments.size() + piece.size() > longest_arguments) return;
  found->arguments.append(piece);
}

bool known_calls::take(std::string_view name, std::string_view arguments) {
  for (auto& each : calls_) {
    if (each.taken || each.name != name) continue;
    if (same_spelling(json::decode(each.arguments)) != same_spelling(arguments)) continue;
    each.taken = true;
    return true;
  }
  return false;
}

}  // namespace recloser::dialects::model_text
