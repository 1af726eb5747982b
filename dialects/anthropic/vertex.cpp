// Claude on Vertex AI: the same messages, called and refused in Google's way (providers-native.md §3.3).

#include "dialects/anthropic/messages.hpp"
#include "dialects/gemini/generate_content.hpp"

namespace recloser::dialects::anthropic {

namespace {

/// Older names have an `@` before the date, which a path may hold as it is.
std::string path(std::string_view model, bool stream) {
  return "/models/" + std::string(model) + (stream ? ":streamRawPredict" : ":rawPredict");
}

chat::result<void> write(chat::request const& wanted, std::string_view model, std::string& out,
                         std::vector<std::string>& dropped) {
  bool const safe = model.find_first_of("/?#&% ") == std::string_view::npos && model.find("..") == std::string_view::npos;
  if (!safe) return chat::bad_request("The name of a model on Vertex AI holds no `/`, `?`, `#` or `..`.", {}, "model");
  return write_request(platform::vertex, wanted, model, out, dropped);
}

/// What comes from the model is Anthropic's, what comes from the platform before it is Google's.
chat::fault read(int status, std::string_view body, std::string_view type) {
  bool const own = body.find("\"request_id\"") != std::string_view::npos || body.find("\"type\"") != std::string_view::npos;
  bool const google = body.find("\"status\"") != std::string_view::npos;
  return own && !google ? read_error(status, body, type) : gemini::read_error(status, body, type);
}

}  // namespace

dialect const messages_on_vertex = {
    .name = "anthropic",
    .path = path,
    .write_request = write,
    .read_reply = read_reply,
    .read_error = read,
    .new_events = new_events,
    .stream_type = "text/event-stream",
};

}  // namespace recloser::dialects::anthropic
