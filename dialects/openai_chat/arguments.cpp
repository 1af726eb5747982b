#include "dialects/openai_chat/arguments.hpp"

#include <fmt/format.h>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::openai_chat {

chat::raw_json arguments_of(chat::raw_json value, chat::store& store) {
  if (json::kind_of(value) == json::kind::object)
    return value;  // not OpenAI's way, but some servers' and so some clients'
  auto const written = json::text_of(value);
  if (json::is_blank(written)) return "{}";
  auto plain = json::decode(written);
  json::checked_scanner scan(plain);
  scan.skip_space();
  bool const object = scan.at != scan.end && *scan.at == '{' && scan.value();
  scan.skip_space();
  if (object && scan.at == scan.end) return store.keep(std::move(plain));
  return store.keep(fmt::format(R"({{"_raw":"{}"}})", written));
}

}  // namespace recloser::dialects::openai_chat
