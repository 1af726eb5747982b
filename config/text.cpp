#include "config/text.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "config/load.hpp"

namespace recloser::config {

namespace {

/// How the keys of well-known services begin. A message that would show one shows `***` instead.
constexpr std::string_view secret_prefixes[] = {"sk-", "sk_", "gsk_", "xai-", "hf_",  "r8_",  "AIza",
                                                "pk-", "rk-", "csk-", "fw_",  "tgp_", "AKIA", "eyJ"};

bool looks_like_a_secret(std::string_view text) {
  for (std::string_view prefix : secret_prefixes) {
    if (text.find(prefix) != std::string_view::npos && text.size() >= prefix.size() + 8) return true;
  }
  return false;
}

/// Length of the UTF-8 sequence at the front of `text`; 0 when it is not one.
std::size_t sequence_length(std::string_view text) {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned const lead = byte(0);
  std::size_t const length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  bool const overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  bool const surrogate = lead == 0xED && byte(1) >= 0xA0;
  bool const too_big = lead == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || too_big ? 0 : length;
}

bool is_forbidden_control(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

/// Edit distance in which swapping two neighbours counts once (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  std::size_t const first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    std::size_t const comma = std::min(text.find(','), text.size());
    if (std::string_view const part = trim(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string list_of(std::vector<std::string> const& words, std::string_view conjunction) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " " + std::string(conjunction) + " " : std::string(", ");
    out += "`" + words[i] + "`";
  }
  return out;
}

std::string quote(std::string_view text) {
  constexpr std::size_t longest = 60;
  if (looks_like_a_secret(text)) return "`***`";
  std::string out = "`";
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() > longest) return out + "…`";
    std::size_t const length = std::max<std::size_t>(sequence_length(text.substr(i)), 1);
    bool const plain = length > 1 || (static_cast<unsigned char>(text[i]) >= 0x20 && text[i] > 0 && text[i] != 0x7F);
    out += plain ? text.substr(i, length) : std::string_view("?");
    i += length;
  }
  return out + "`";
}

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t const length = sequence_length(text.substr(i));
    if (length == 0 || is_forbidden_control(text[i])) return i;
    i += length;
  }
  return std::nullopt;
}

parsed<std::string> read_small_file(std::string const& path, std::size_t limit) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return parsed<std::string>::bad("it is a directory");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return parsed<std::string>::bad(std::strerror(errno));
  std::string text(limit + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return parsed<std::string>::bad("it cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limit) return parsed<std::string>::bad("it is larger than " + std::to_string(limit) + " bytes");
  return parsed<std::string>::good(std::move(text));
}

std::string nearest(std::string_view word, std::vector<std::string> const& candidates) {
  constexpr std::size_t longest = 64;  // longer words are no typing errors, and the distance is quadratic
  if (word.empty() || word.size() > longest) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string const& candidate : candidates) {
    if (candidate.size() > longest) continue;
    std::size_t const distance = edit_distance(lower(word), lower(candidate));
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace recloser::config
