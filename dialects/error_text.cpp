#include "dialects/error_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "dialects/json.hpp"

namespace recloser::dialects {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  auto const begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// ---- HTML ------------------------------------------------------------------------------------------------------

/// What a page says of itself: its title, else its first heading.
std::string html_title(std::string_view page) {
  std::string const low = lower_ascii(page);
  for (std::string_view tag : {"title", "h1"}) {
    auto const open = low.find('<' + std::string(tag));
    if (open == std::string::npos) continue;
    auto const begin = low.find('>', open);
    auto const end = low.find('<', std::min(begin, low.size()));
    if (begin == std::string::npos || end == std::string::npos) continue;
    if (auto const title = trimmed(page.substr(begin + 1, end - begin - 1)); !title.empty()) return std::string(title);
  }
  return {};
}

std::string describe_html(std::string_view page) {
  std::string const title = html_title(page);
  return title.empty() ? "the provider sent a page of HTML" : "the provider sent a page of HTML: " + title;
}

// ---- secrets ---------------------------------------------------------------------------------------------------

/// How the keys of the catalog's vendors begin, and the scheme of an Authorization header.
constexpr auto secret_prefixes =
    std::to_array<std::string_view>({"sk-", "pk-", "rk-", "csk-", "gsk_", "xai-", "hf_", "fw_", "fpk_", "tgp_", "r8_",
                                     "nvapi-", "AIza", "ya29.", "eyJ", "Bearer ", "bearer "});
constexpr std::size_t shortest_secret = 6;  // bytes after the prefix

bool is_secret_byte(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '*' || c == '.' || c == '+' || c == '/' || c == '=';
}

/// The length of the prefix of a secret that begins at `at`; 0 when none does.
std::size_t secret_prefix(std::string_view text, std::size_t at) {
  if (at > 0 && (is_alnum(text[at - 1]) || text[at - 1] == '_')) return 0;
  for (auto prefix : secret_prefixes) {
    if (text.substr(at).starts_with(prefix)) return prefix.size();
  }
  return 0;
}

std::string mask_secrets(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    auto const prefix = secret_prefix(text, i);
    auto end = i + prefix;
    while (prefix > 0 && end < text.size() && is_secret_byte(text[end])) ++end;
    if (prefix == 0 || end - i - prefix < shortest_secret) {
      out += text[i++];
      continue;
    }
    out.append(text.substr(i, prefix)).append("***");
    i = end;
  }
  return out;
}

// ---- size and encoding -----------------------------------------------------------------------------------------

std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // not inside a character
  return text.substr(0, size);
}

std::string valid_utf8(std::string_view text) {
  std::string out(text);
  if (json::is_utf8(text)) return out;
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

}  // namespace

std::string lower_ascii(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

std::string safe_message(std::string_view text) {
  constexpr std::size_t longest_read = 16 * max_error_message;  // of a page, whose title stands early
  text = trimmed(cut(text, longest_read));
  std::string const plain = valid_utf8(text.starts_with('<') ? describe_html(text) : text);
  std::string masked = mask_secrets(plain);  // before the cut, which could leave half a secret
  if (masked.size() <= max_error_message) return masked;
  constexpr std::string_view more = "…";
  return std::string(cut(masked, max_error_message - more.size())).append(more);
}

// ---- waits -----------------------------------------------------------------------------------------------------

namespace {

using seconds = std::chrono::duration<double>;

struct unit {
  std::string_view name;
  double seconds;
};
constexpr auto units = std::to_array<unit>({{"ms", 0.001},
                                            {"milliseconds", 0.001},
                                            {"s", 1},
                                            {"sec", 1},
                                            {"second", 1},
                                            {"seconds", 1},
                                            {"m", 60},
                                            {"min", 60},
                                            {"minute", 60},
                                            {"minutes", 60},
                                            {"h", 3600},
                                            {"hour", 3600},
                                            {"hours", 3600}});

/// Takes `1.2s`, `20 seconds` or one part of `6m0s` off the front.
std::optional<seconds> take_duration(std::string_view& text) {
  double number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || number < 0) return std::nullopt;
  auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  auto const letters = std::ranges::find_if_not(rest, [](char c) { return c >= 'a' && c <= 'z'; }) - rest.begin();
  auto const* const found = std::ranges::find(units, rest.substr(0, static_cast<std::size_t>(letters)), &unit::name);
  if (found == units.end()) return std::nullopt;
  text = rest.substr(static_cast<std::size_t>(letters));
  return seconds(number * found->seconds);
}

}  // namespace

std::optional<std::chrono::milliseconds> retry_hint(std::string_view message) {
  std::string const low = lower_ascii(message);
  for (std::string_view words : {"try again in ", "retry after ", "retry in ", "try again after "}) {
    auto const found = low.find(words);
    if (found == std::string::npos) continue;
    auto rest = std::string_view(low).substr(found + words.size());
    std::optional<seconds> wait;
    while (auto const part = take_duration(rest)) wait = wait.value_or(seconds(0)) + *part;
    constexpr seconds longest = std::chrono::hours(24);
    if (wait) return std::chrono::ceil<std::chrono::milliseconds>(std::min(*wait, longest));
  }
  return std::nullopt;
}

}  // namespace recloser::dialects
