#include "providers/aws_profiles.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "config/text.hpp"
#include "providers/credential_inputs.hpp"

namespace recloser::providers {

namespace {

constexpr std::string_view blanks = " \t\r";

bool is_blank(char c) { return blanks.find(c) != std::string_view::npos; }

/// Without a comment: `#` or `;` at the start of the line or behind a blank.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if ((line[i] == '#' || line[i] == ';') && (i == 0 || is_blank(line[i - 1]))) return line.substr(0, i);
  }
  return line;
}

std::string_view unquoted(std::string_view name) {
  bool const quoted = name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front();
  return quoted ? name.substr(1, name.size() - 2) : name;
}

/// The profile that a section's name stands for; nullopt: none.
std::optional<std::string> profile_of(std::string_view section, aws_file kind) {
  constexpr std::string_view word = "profile";
  if (kind == aws_file::credentials || section == "default") return std::string(section);
  if (!section.starts_with(word) || section.size() == word.size() || !is_blank(section[word.size()])) {
    return std::nullopt;
  }
  return std::string(unquoted(config::trim(section.substr(word.size()))));
}

class profile_reader {
 public:
  explicit profile_reader(aws_file kind) : kind_(kind) {}

  /// False: the line is none of this format.
  bool read(std::string_view line) {
    auto const indent = std::min(line.find_first_not_of(blanks), line.size());
    line = config::trim(without_comment(line));
    if (line.empty()) return true;
    if (line.front() == '[') return open(line);
    if (nested_below_ && indent > *nested_below_) return true;
    auto const equals = line.find('=');
    if (equals == std::string_view::npos) return indent > 0;  // a value goes on: nothing of ours has such a one
    auto const value = config::trim(line.substr(equals + 1));
    nested_below_ = value.empty() ? std::optional(indent) : std::nullopt;
    if (profile_) (*profile_)[config::lower(config::trim(line.substr(0, equals)))] = value;
    return in_section_;
  }

  aws_profiles take() { return std::move(profiles_); }

 private:
  bool open(std::string_view line) {
    auto const end = line.find(']');
    if (end == std::string_view::npos) return false;
    auto const section = config::trim(line.substr(1, end - 1));
    auto const name = profile_of(section, kind_);
    profile_ = name ? &profiles_[*name] : nullptr;
    in_section_ = true;
    nested_below_.reset();
    return true;
  }

  aws_file kind_;
  aws_profiles profiles_;
  aws_profile* profile_ = nullptr;
  bool in_section_ = false;
  std::optional<std::size_t> nested_below_;  // indentation of a key without a value
};

}  // namespace

chat::result<aws_profiles> read_aws_profiles(std::string_view text, aws_file kind) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  auto const file = kind == aws_file::credentials ? "credentials" : "config";
  if (text.size() > largest_credential) return credential_fault(fmt::format("the AWS {} file is too large", file));
  profile_reader reader(kind);
  for (int number = 1; !text.empty(); ++number) {
    auto const end = std::min(text.find('\n'), text.size());
    if (!reader.read(text.substr(0, end))) {
      return credential_fault(
          fmt::format("line {} of the AWS {} file is neither `[section]` nor `name = value`", number, file));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.take();
}

}  // namespace recloser::providers
