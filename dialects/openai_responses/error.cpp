// Errors: with a status they have the shape of chat completions; inside an answer they are a code and a message
// (providers-openai-shaped.md §4.2, §4.3).

#include <algorithm>

#include <fmt/format.h>

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/relay.hpp"
#include "dialects/openai_responses/answer.hpp"
#include "dialects/openai_responses/responses.hpp"

namespace recloser::dialects::openai_responses {

namespace {

using chat::fault_class;

struct code_row {
  std::string_view part;  ///< of the code
  fault_class what;
};

/// Codes that chat completions do not have: `bio_policy`, `invalid_encrypted_content`, `failed_to_download_image` … The
/// first row that fits counts.
constexpr code_row codes[] = {
    {"policy", fault_class::content_policy},       {"image", fault_class::client_fault},
    {"data_residency", fault_class::client_fault}, {"invalid_", fault_class::client_fault},
    {"overload", fault_class::overloaded},         {"", fault_class::server_error},
};

chat::fault without_words(std::string_view status) {
  return {fault_class::server_error, chat::fault_source::upstream, 0,
          fmt::format("the provider ended the answer as '{}'", status.substr(0, 32)), "upstream_error"};
}

}  // namespace

chat::fault failure_of(std::string_view status, chat::raw_json error) {
  if (json::kind_of(error) != json::kind::object) return without_words(status);
  auto fault = openai_chat::read_error(200, fmt::format(R"({{"error":{}}})", error));
  if (fault.what != fault_class::bad_response) return fault;
  auto const code = json::text_of(json::find(error, "code"));
  auto const row =
      std::ranges::find_if(codes, [&](auto const& each) { return code.find(each.part) != std::string_view::npos; });
  fault.what = row->what;
  if (code.empty()) fault.code = "upstream_error";
  return fault;
}

chat::fault read_error(int status, std::string_view body, std::string_view) {
  return openai_chat::read_error(status, body);
}

}  // namespace recloser::dialects::openai_responses
