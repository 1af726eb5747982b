#pragma once
// The words of a provider's error, made fit to be shown: bounded, no HTML, no secrets.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace recloser::dialects {

/// Longest message that is shown, in bytes.
inline constexpr std::size_t max_error_message = 2048;

/// `text` as a message: trimmed, valid UTF-8, at most `max_error_message` bytes, with everything that looks like a
/// credential masked. A page of HTML becomes its title.
std::string safe_message(std::string_view text);

/// "Please try again in 1.2s", "retry after 20 seconds", "try again in 6m0s": the wait that a message asks for.
std::optional<std::chrono::milliseconds> retry_hint(std::string_view message);

std::string lower_ascii(std::string_view text);

}  // namespace recloser::dialects
