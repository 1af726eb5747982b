#pragma once
// Amazon's exceptions, wherever they come from: an error status, an answer of 200, the middle of a stream.

#include <string>
#include <string_view>

#include "chat/fault.hpp"

namespace recloser::dialects::bedrock_converse {

/// `name` is the exception's, in any spelling (`ThrottlingException:http://…`, `ns#Throttling…`, `throttlingException`).
/// `status` 0 takes the status from it. `message` is plain text.
chat::fault fault_of(int status, std::string_view name, std::string_view message);

/// An exception of a stream: `payload` is its checked JSON object.
chat::fault fault_of_exception(std::string_view name, std::string_view payload);

}  // namespace recloser::dialects::bedrock_converse
