#pragma once
// The answers of OAuth 2.0 token endpoints (RFC 6749 §5.1, §5.2), which Google and Microsoft share.

#include <span>
#include <string>
#include <string_view>

#include "chat/fault.hpp"
#include "chat/text.hpp"
#include "providers/token_request.hpp"

namespace recloser::providers {

/// What is known when an answer is read. The secrets are those of the request: a server may repeat them in its error.
struct answer_context {
  std::string_view whom;  ///< begins the fault: "Google's token endpoint"
  std::span<std::string const> secrets = {};
  std::string_view hint = {};  ///< ends the fault when the credential is refused: what to do
};

/// `{"access_token", "expires_in"}`, or the fault of what came instead.
chat::result<token> read_token(token_answer const& answer, wall_time now, answer_context const& of);

/// The fault of an answer that is no success: OAuth's `{"error", "error_description"}`, Google's `{"error": {…}}`, or
/// the status alone.
chat::fault read_refusal(token_answer const& answer, answer_context const& of);

/// A success that cannot be read.
chat::fault unreadable(token_answer const& answer, answer_context const& of, std::string_view why);

/// The body as a checked JSON object, or the fault of it.
chat::result<std::string> read_object(token_answer const& answer, answer_context const& of);

}  // namespace recloser::providers
