#pragma once
// SHA-256 and what is made of it.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace recloser::providers {

using digest = std::array<std::uint8_t, 32>;

/// Of the pieces as if they were one text. Throws std::bad_alloc, as everything that allocates.
digest sha256(std::span<std::string_view const> pieces);
digest sha256(std::string_view text);

digest hmac_sha256(std::span<std::uint8_t const> key, std::string_view text);

}  // namespace recloser::providers
