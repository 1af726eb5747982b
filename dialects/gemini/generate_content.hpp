#pragma once
// Gemini generateContent as the provider's side of a translation (providers-native.md §2), on the Developer API and on
// Vertex AI (§3.2).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"

namespace recloser::dialects::gemini {

/// Who speaks it. Vertex AI knows no ids of function calls and no service tier in the body.
enum class platform { developer, vertex };

/// `/models/{model}:generateContent`, below `…/v1beta` or below `…/publishers/google`. `model` may begin with `models/`
/// or `tunedModels/`; whatever else it holds stays one path segment.
std::string path(std::string_view model, bool stream);

/// Writes the body of a request for `model` (the provider's name of it) to `out`. Every parameter that could not be
/// carried is named in `dropped`. Faults: what would change the meaning or cannot be read.
chat::result<void> write_request(platform where, chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped);

/// Reads a whole 2xx body. The reply's views point into `body`, which must outlive it, or into its own store.
chat::result<chat::reply> read_reply(std::string_view body);

/// A `google.rpc.Status`, alone or in an array, or anything else that came with an error status.
chat::fault read_error(int status, std::string_view body, std::string_view type = {});

/// Reads the event stream (`alt=sse`).
std::unique_ptr<event_source> new_events();

extern dialect const generate_content;            ///< Gemini API
extern dialect const generate_content_on_vertex;  ///< Vertex AI

}  // namespace recloser::dialects::gemini
