#pragma once
// The encodings that credentials and signatures are written in.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace recloser::providers {

/// Lower-case hexadecimal.
std::string hex(std::span<std::uint8_t const> bytes);

/// RFC 4648 §4, with padding.
std::string base64(std::string_view bytes);

/// RFC 4648 §5, without padding (RFC 7515 §2).
std::string base64url(std::string_view bytes);

/// Everything but RFC 3986's unreserved characters as `%XX` in upper case, `/` and `:` too: one path segment.
std::string percent_encode(std::string_view text);

/// The opposite. A `%` without two hexadecimal digits stands for itself.
std::string percent_decode(std::string_view text);

/// `name=value&…`: a body of application/x-www-form-urlencoded. Empty values are left out.
std::string form_body(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

/// Not empty, and visible ASCII only: fit for a header field, whole and alone.
bool is_visible_ascii(std::string_view text);

}  // namespace recloser::providers
