#include "config/substitute.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace recloser::config {

namespace {

using outcome = parsed<std::string>;

outcome value_of(std::string const& name, std::optional<std::string> fallback, environment const& env) {
  std::optional<std::string> value = env(name);
  // As in a shell: `:-` also replaces a variable that is set to nothing.
  if (fallback && (!value || value->empty())) return outcome::good(std::move(*fallback));
  if (!value)
    return outcome::bad("the environment variable `" + name + "` is not set (`${" + name +
                        ":-default}` gives a default)");
  if (first_bad_byte(*value)) {
    return outcome::bad("the environment variable `" + name + "` holds control characters or is not UTF-8");
  }
  return outcome::good(std::move(*value));
}

/// `inside` is what stands between `${` and `}`.
outcome replace_one(std::string_view inside, environment const& env) {
  std::size_t const mark = inside.find(":-");
  std::string const name(inside.substr(0, mark));
  if (!is_variable_name(name)) {
    return outcome::bad("`${` must be followed by a variable's name and `}` (write `$$` for a dollar sign)");
  }
  if (mark == std::string_view::npos) return value_of(name, std::nullopt, env);
  std::string fallback(inside.substr(mark + 2));
  if (fallback.find("${") != std::string::npos) {
    return outcome::bad("the default of `${" + name + ":-…}` cannot hold another `${`");
  }
  return value_of(name, std::move(fallback), env);
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

outcome secret_file(std::string const& path) {
  constexpr std::size_t largest = 64 << 10;
  if (path.empty()) return outcome::bad("is `file:` without a path");
  outcome content = read_small_file(path, largest);
  if (!content)
    return outcome::bad("names a secret file that cannot be read (" + quote(path) + ": " + content.fault + ")");
  if (trim(*content.value).empty()) return outcome::bad("names an empty secret file (" + quote(path) + ")");
  return content;
}

}  // namespace

environment process_environment() {
  return [](std::string const& name) -> std::optional<std::string> {
    char const* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::optional<std::string> variable(environment const& env, std::string const& name) {
  std::optional<std::string> const value = env(name);
  if (!value || trim(*value).empty()) return std::nullopt;
  return std::string(trim(*value));
}

bool is_variable_name(std::string_view text) {
  auto const is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && is_letter(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_digit(c); });
}

parsed<std::string> substitute(std::string_view text, environment const& env) {
  std::string out;
  while (true) {
    std::size_t const dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return outcome::good(std::move(out));
    text.remove_prefix(dollar);
    if (text.starts_with("$$")) {
      out += '$';
      text.remove_prefix(2);
    } else if (!text.starts_with("${")) {
      out += '$';  // `$5` is just text
      text.remove_prefix(1);
    } else {
      std::size_t const end = text.find('}');
      if (end == std::string_view::npos)
        return outcome::bad("`${` is not closed by `}` (write `$$` for a dollar sign)");
      outcome one = replace_one(text.substr(2, end - 2), env);
      if (!one) return one;
      out += *one.value;
      text.remove_prefix(end + 1);
    }
  }
}

void substitute(node& tree, environment const& env, std::vector<problem>& problems) {
  for (node& item : tree.items) substitute(item, env, problems);
  for (member& one : tree.members) substitute(one.value, env, problems);
  if (tree.kind != node_kind::scalar || tree.text.find('$') == std::string::npos) return;
  outcome replaced = substitute(tree.text, env);
  if (replaced) {
    tree.text = std::move(*replaced.value);
  } else {
    problems.push_back({tree.line, std::move(replaced.fault)});
    tree.broken = true;
  }
}

parsed<std::string> read_secret(std::string_view written) {
  constexpr std::string_view file_mark = "file:";
  std::string secret(trim(written));
  if (secret.starts_with(file_mark)) {
    outcome content = secret_file(secret.substr(file_mark.size()));
    if (!content) return content;
    secret = trim(*content.value);
  }
  if (secret.empty()) return outcome::bad("is empty");
  // A line break in a key would become a header of its own.
  if (has_control_character(secret)) return outcome::bad("holds a line break or another control character");
  return outcome::good(std::move(secret));
}

}  // namespace recloser::config
