#include "dialects/openai_responses/seal.hpp"

#include <fmt/format.h>

#include "dialects/openai_responses/models.hpp"

namespace recloser::dialects::openai_responses {

namespace {

constexpr char separator = ':';  // base64 has none, so no other vendor's seal looks like ours

}  // namespace

std::string write_seal(seal const& what) {
  return fmt::format("{}{}{}{}{}", what.item_id, separator, what.call_id, separator, what.encrypted);
}

std::optional<seal> read_seal(chat::part const& thinking, std::string_view model) {
  if (!thinking.producer.empty() && !is_same_model(thinking.producer, model)) return std::nullopt;
  auto const text = thinking.kind == chat::part_kind::thinking ? thinking.signature : thinking.data;
  auto const first = text.find(separator);
  auto const last = text.rfind(separator);  // a call's id may hold one (`functions.f:0`)
  if (first == last || last + 1 == text.size()) return std::nullopt;
  return seal{text.substr(0, first), text.substr(first + 1, last - first - 1), text.substr(last + 1)};
}

}  // namespace recloser::dialects::openai_responses
