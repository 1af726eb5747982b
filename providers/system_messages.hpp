#pragma once
// Chat templates of some open models refuse a system message that is not the first, and a second one.

#include <optional>
#include <string>
#include <string_view>

namespace recloser::providers {

/// Whether one of these messages (a checked array) is the system's or the developer's and not the first.
bool has_late_system_message(std::string_view messages);

/// `body` (a checked chat request) with all words of the system and the developer in one message in front. Nothing when
/// that is so already, or when there is more in them than text.
std::optional<std::string> with_one_system_message(std::string_view body);

}  // namespace recloser::providers
