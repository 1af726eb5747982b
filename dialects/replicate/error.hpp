#pragma once
// What went wrong, in Replicate's words: of an HTTP error, of a prediction that failed, of a stream.

#include <string_view>

#include "chat/fault.hpp"

namespace recloser::dialects::replicate {

/// `words` is plain text. `status` 0: of a prediction or a stream, which have none.
chat::fault make_fault(int status, std::string_view words);

chat::fault unreadable(std::string_view why);
chat::fault interrupted(std::string message);

}  // namespace recloser::dialects::replicate
