#include "dialects/gemini/signatures.hpp"

#include <algorithm>
#include <ranges>

namespace recloser::dialects::gemini {

namespace {

/// The vendor's own word for a call that has no signature.
constexpr std::string_view placeholder = "skip_thought_signature_validator";

constexpr std::string_view collection = "models/";
constexpr std::string_view vendor = "gemini-";
constexpr std::string_view latest = "-latest";

std::string_view without(std::string_view prefix, std::string_view name) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

/// `2.5-flash` -> `flash`
std::string_view without_number(std::string_view name) {
  auto const end = name.find_first_not_of("0123456789.");
  return end != 0 && end != std::string_view::npos && name[end] == '-' ? name.substr(end + 1) : name;
}

/// `longer` is `shorter` with a version: `-001`, `-preview-05-20`, `-exp`.
bool is_version_of(std::string_view longer, std::string_view shorter) {
  if (!longer.starts_with(shorter)) return false;
  auto const rest = longer.substr(shorter.size());
  if (rest.empty()) return true;
  bool const digit = rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9';
  return rest.front() == '-' && (digit || rest.starts_with("-preview") || rest.starts_with("-exp"));
}

}  // namespace

bool is_same_model(std::string_view asked, std::string_view producer) {
  asked = without(collection, asked);
  producer = without(collection, producer);
  if (is_version_of(producer, asked) || is_version_of(asked, producer)) return true;
  if (!asked.ends_with(latest) || !producer.starts_with(vendor)) return false;
  auto const family = without(vendor, asked.substr(0, asked.size() - latest.size()));
  return is_version_of(without_number(without(vendor, producer)), family);
}

namespace {

/// A call's signature of unknown origin came in Google's own form, so it is Gemini's; a thinking block's may be
/// anybody's.
bool is_foreign(piece const& what, std::string_view model) {
  if (what.producer.empty()) return what.kind == piece_kind::seal;
  return !is_same_model(model, what.producer);
}

void drop_foreign(content& what, std::string_view model, loss_report& lost) {
  for (auto& each : what.pieces) {
    if (each.kind != piece_kind::call || each.signature.empty() || !is_foreign(each, model)) continue;
    each.signature = {};
    lost.add("thought_signature");
  }
  auto const is_lost = [&](piece const& each) {
    return each.kind == piece_kind::seal && (each.signature.empty() || is_foreign(each, model));
  };
  if (std::erase_if(what.pieces, is_lost) > 0) lost.add("thinking_blocks");
}

bool has(content const& what, piece_kind kind) {
  return std::ranges::find(what.pieces, kind, &piece::kind) != what.pieces.end();
}

bool starts_turn(content const& what) {
  return !what.model && !has(what, piece_kind::response) && !has(what, piece_kind::missing_response);
}

}  // namespace

void settle_signatures(conversation& talk, std::string_view model, abilities const& takes, loss_report& lost) {
  for (auto& each : talk.contents) drop_foreign(each, model, lost);
  if (!takes.third_generation) return;
  for (auto& each : std::views::reverse(talk.contents)) {
    if (starts_turn(each)) return;
    auto const first = std::ranges::find(each.pieces, piece_kind::call, &piece::kind);
    // Only the first of parallel calls is signed (§7 row 6).
    if (first != each.pieces.end() && first->signature.empty()) first->signature = placeholder;
  }
}

}  // namespace recloser::dialects::gemini
