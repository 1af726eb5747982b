#include "dialects/bedrock_converse/converse.hpp"

namespace recloser::dialects::bedrock_converse {

namespace {

bool is_unreserved(char c) {
  bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
}

/// The model is one segment of the path, also when it is an ARN with `/` in it. The signature is made from the same
/// bytes, so nothing may be spelt differently later (§4.3).
std::string path(std::string_view model, bool stream) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out = "/model/";
  for (char const c : model) {
    auto const byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      out += c;
    } else {
      out.append({'%', hex[byte >> 4], hex[byte & 0xF]});
    }
  }
  return out.append(stream ? "/converse-stream" : "/converse");
}

}  // namespace

dialect const converse = {
    .name = "bedrock",
    .path = path,
    .write_request = write_request,
    .read_reply = read_reply,
    .read_error = read_error,
    .new_events = new_events,
    .stream_type = "application/vnd.amazon.eventstream",
};

}  // namespace recloser::dialects::bedrock_converse
