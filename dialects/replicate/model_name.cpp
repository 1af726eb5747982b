#include "dialects/replicate/model_name.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dialects/replicate/predictions.hpp"

namespace recloser::dialects::replicate {

namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A client chooses the model, so nothing in its name may lead to another path.
bool is_path_word(std::string_view word) {
  constexpr std::size_t longest = 128;
  bool const plain = std::ranges::all_of(word, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
  return plain && !word.empty() && word.size() <= longest && !word.starts_with('.');
}

std::optional<model_name> parse_pair(std::string_view pair, model_kind kind) {
  auto const slash = pair.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  model_name out{kind, pair.substr(0, slash), pair.substr(slash + 1), {}};
  if (!is_path_word(out.owner) || !is_path_word(out.name)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<model_name> parse_model_name(std::string_view model) {
  constexpr std::string_view deployments = "deployments/";
  constexpr std::size_t version_size = 64;
  if (model.size() == version_size && std::ranges::all_of(model, is_alnum)) {
    return model_name{model_kind::version, {}, {}, model};
  }
  if (model.starts_with(deployments)) return parse_pair(model.substr(deployments.size()), model_kind::deployment);
  auto const colon = model.find(':');
  auto out = parse_pair(model.substr(0, colon), model_kind::official);
  if (!out || colon == std::string_view::npos) return out;
  out->kind = model_kind::version;
  out->version = model.substr(colon + 1);
  if (!is_path_word(out->version)) return std::nullopt;
  return out;
}

std::string create_path(std::string_view model) {
  auto const parsed = parse_model_name(model);
  if (!parsed || parsed->kind == model_kind::version) return "/predictions";
  auto const* const kind = parsed->kind == model_kind::deployment ? "deployments" : "models";
  return fmt::format("/{}/{}/{}/predictions", kind, parsed->owner, parsed->name);
}

std::string get_path(std::string_view id) { return fmt::format("/predictions/{}", id); }
std::string cancel_path(std::string_view id) { return fmt::format("/predictions/{}/cancel", id); }

}  // namespace recloser::dialects::replicate
