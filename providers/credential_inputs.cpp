#include "providers/credential_inputs.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "config/substitute.hpp"
#include "config/text.hpp"
#include "dialects/json.hpp"
#include "providers/encoding.hpp"

namespace recloser::providers {

namespace {

chat::result<std::optional<std::string>> read_process_file(std::string const& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::optional<std::string>();
  auto text = config::read_small_file(path, largest_credential);
  if (!text) return credential_fault(std::move(text.fault));
  return std::move(text.value);
}

}  // namespace

credential_inputs process_credentials() {
  return {.env = config::process_environment(), .read_file = read_process_file};
}

chat::fault credential_fault(std::string message) {
  return {chat::fault_class::auth, chat::fault_source::gateway, 0, std::move(message), "credential_unavailable"};
}

std::string variable_or_empty(credential_inputs const& in, std::string const& name) {
  return config::variable(in.env, name).value_or("");
}

chat::result<std::string> read_needed_file(credential_inputs const& in, std::string const& path,
                                           std::string_view what) {
  auto text = in.read_file(path);
  if (!text) return credential_fault(fmt::format("{} cannot be read: {}", what, text.error().message));
  if (!*text) return credential_fault(fmt::format("{} does not exist", what));
  return *std::move(*text);
}

chat::result<std::string> read_secret_file(credential_inputs const& in, std::string const& path,
                                           std::string_view what) {
  auto const text = read_needed_file(in, path, what);
  if (!text) return text.error();
  auto const secret = config::trim(*text);
  if (secret.empty()) return credential_fault(fmt::format("{} is empty", what));
  if (!is_visible_ascii(secret)) return credential_fault(fmt::format("{} holds more than one word of ASCII", what));
  return std::string(secret);
}

std::string home_path(credential_inputs const& in, std::string_view below) {
  auto const home = variable_or_empty(in, "HOME");
  return home.empty() ? std::string() : fmt::format("{}/{}", home, below);
}

std::string text_member(chat::raw_json object, std::string_view key) {
  return json::decode(json::text_of(json::find(object, key)));
}

}  // namespace recloser::providers
