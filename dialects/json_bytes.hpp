#pragma once
// The bytes of JSON texts, 16 at a time where the processor has SSE2: what the scanners and the writer stand on.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace recloser::json {

inline bool is_space(char c) {
  return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\n' || c == '\t' || c == '\r');
}
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

enum class escape_kind : unsigned char { bad, simple, unicode };

/// What a letter after a backslash means.
inline escape_kind kind_of_escape(char letter) {
  static constexpr auto table = [] {
    std::array<escape_kind, 256> kinds{};
    for (char each : std::string_view("\"\\/bfnrt")) kinds[static_cast<unsigned char>(each)] = escape_kind::simple;
    kinds['u'] = escape_kind::unicode;
    return kinds;
  }();
  return table[static_cast<unsigned char>(letter)];
}

#if defined(__SSE2__)
/// A bit for each of 16 bytes that cannot stand inside a JSON string as it is.
inline unsigned special_mask(__m128i block) {
  auto const last_control = _mm_set1_epi8(0x1F);
  auto const quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  auto const backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  auto const control = _mm_cmpeq_epi8(_mm_max_epu8(block, last_control), last_control);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
}
#endif

/// The first byte that cannot stand inside a JSON string as it is: a quote, a backslash or a control character.
inline char const* find_special(char const* at, char const* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    if (auto const mask = special_mask(_mm_loadu_si128(reinterpret_cast<__m128i const*>(at)))) {
      return at + std::countr_zero(mask);
    }
  }
#endif
  while (at != end && !is_special(*at)) ++at;
  return at;
}

#if defined(__SSE2__)
/// 64 bytes of a string that are dense with escapes, looked at together: going from escape to escape costs some
/// 15 cycles each. The first byte must not itself be escaped.
struct escaped_block {
  static constexpr std::ptrdiff_t size = 64;

  std::uint64_t escaped = 0;  ///< bytes after an escaping backslash
  std::uint64_t stops = 0;    ///< unescaped quotes and control characters
  int length = size;          ///< one less when the last byte begins an escape

  explicit escaped_block(char const* at) {
    std::uint64_t backslashes = 0;
    std::uint64_t quotes = 0;
    for (int i = 0; i < 4; ++i) {
      auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(at + 16 * i));
      backslashes |= bits(_mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))) << (16 * i);
      quotes |= bits(_mm_cmpeq_epi8(block, _mm_set1_epi8('"'))) << (16 * i);
      auto const last_control = _mm_set1_epi8(0x1F);
      stops |= bits(_mm_cmpeq_epi8(_mm_max_epu8(block, last_control), last_control)) << (16 * i);
    }
    // A run of backslashes escapes every second byte from its start on: adding the odd-placed starts to the runs carries
    // past their ends and so tells odd runs from even ones (Langdale and Lemire, "Parsing gigabytes of JSON", §3.1.1).
    constexpr std::uint64_t even = 0x5555555555555555;
    auto const follows = backslashes << 1;
    auto const odd_starts = backslashes & ~even & ~follows;
    escaped = (even ^ ((odd_starts + backslashes) << 1)) & follows;
    stops |= quotes & ~escaped;
    if (stops != 0) {
      length = std::countr_zero(stops);
      escaped &= (std::uint64_t{1} << length) - 1;
    } else if ((backslashes & ~escaped) >> 63) {
      length = size - 1;
    }
  }

 private:
  static std::uint64_t bits(__m128i block) { return static_cast<std::uint16_t>(_mm_movemask_epi8(block)); }
};
#endif

}  // namespace recloser::json
