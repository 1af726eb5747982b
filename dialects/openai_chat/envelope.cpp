#include "dialects/openai_chat/envelope.hpp"

#include <algorithm>
#include <string>

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/error_class.hpp"

namespace recloser::dialects::openai_chat {

namespace {

struct place {
  std::string_view key;
  json::member const* envelope::*where;
};

constexpr place places[] = {
    {"id", &envelope::id},           {"object", &envelope::object},
    {"created", &envelope::created}, {"model", &envelope::model},
    {"choices", &envelope::choices}, {"data", &envelope::data},
    {"usage", &envelope::usage},     {"error", &envelope::error},
    {"x_groq", &envelope::x_groq},   {"obfuscation", &envelope::obfuscation},
    {"prompt_filter_results", &envelope::filter_results},
};

bool is_there(json::member const* member) { return member && json::kind_of(member->value) != json::kind::null; }

bool has_words_of_an_error(chat::raw_json text) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"message", "detail", "code"},
                             [&](std::string_view key) { return !json::unless_null(json::find(text, key)).empty(); });
}

}  // namespace

envelope read_envelope(std::vector<json::member> const& members) {
  envelope top;
  for (auto const& each : members) {
    auto const* const known = std::ranges::find(places, each.key, &place::key);
    if (known != std::end(places)) top.*known->where = &each;
  }
  return top;
}

std::optional<chat::fault> fault_inside(envelope const& top, std::string_view text) {
  if (is_there(top.error)) return read_error(200, text);
  if (!top.choices && !top.data && !top.usage && has_words_of_an_error(text)) return read_error(200, text);
  if (!top.x_groq) return std::nullopt;
  // Groq says here that it stopped early.
  auto const stopped = json::unless_null(json::find(top.x_groq->value, "error"));
  return stopped.empty() ? std::nullopt : std::optional(read_error(200, top.x_groq->value));
}

chat::raw_json usage_inside(envelope const& top) {
  if (is_there(top.usage)) return top.usage->value;
  return top.x_groq ? json::unless_null(json::find(top.x_groq->value, "usage")) : chat::raw_json();
}

void choices_inside(envelope const& top, std::vector<chat::raw_json>& out) {
  out.clear();
  if (top.choices) json::elements_of(top.choices->value, out);
}

chat::fault unreadable(std::string_view why) {
  using enum chat::fault_class;
  return {bad_response, chat::fault_source::upstream, 0, "the provider's answer cannot be read: " + std::string(why),
          code_for(bad_response, {})};
}

}  // namespace recloser::dialects::openai_chat
