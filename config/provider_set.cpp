#include "config/provider_set.hpp"

#include <algorithm>
#include <utility>

#include "config/base_url.hpp"
#include "config/substitute.hpp"

namespace recloser::config {

namespace {

/// The draft of a provider that the file says nothing about.
provider_draft bare_draft(known_provider const& row) {
  provider_draft draft{.path = "providers." + row.name};
  draft.value.name = row.name;
  draft.value.type = row.name;
  return draft;
}

/// The provider's settings with a profile's on top.
provider_draft with_own_settings(provider_draft base, provider_draft const& own) {
  base.path = own.path;
  base.value.line = own.value.line;
  base.flawed = base.flawed || own.flawed;
  if (!own.urls_given_by.empty()) base.urls = own.urls;
  if (!own.keys_given_by.empty()) {
    base.value.api_keys = own.value.api_keys;
    base.keys_given_by = own.keys_given_by;
  }
  if (!own.value.api_version.empty()) base.value.api_version = own.value.api_version;
  for (auto const& [model, deployment] : own.value.deployments) base.value.deployments[model] = deployment;
  return base;
}

/// Same in all that matters to a request.
bool same_settings(provider a, provider const& b) {
  a.name = b.name;
  a.line = b.line;
  a.from_environment = b.from_environment;
  return a == b;
}

}  // namespace

known_provider const* provider_set::row(std::string_view name_or_alias) const {
  for (known_provider const& one : catalog_) {
    if (one.name == name_or_alias) return &one;
  }
  for (known_provider const& one : catalog_) {
    if (std::ranges::find(one.aliases, name_or_alias) != one.aliases.end()) return &one;
  }
  return nullptr;
}

provider_draft const* provider_set::draft_of(std::string_view name) const {
  for (provider_draft const& one : drafts_) {
    if (one.value.name == name) return &one;
  }
  return nullptr;
}

std::string provider_set::unknown_message(std::string_view what, std::string const& name,
                                          std::string const& shown) const {
  std::vector<std::string> names;
  names.reserve(drafts_.size() + catalog_.size());
  for (provider_draft const& one : drafts_) names.push_back(one.value.name);
  for (known_provider const& one : catalog_) names.push_back(one.name);
  std::string const near = nearest(name, names);
  std::string const hint = near.empty() ? "; `recloser providers` lists the known ones, and any server that speaks "
                                          "OpenAI's protocol can be added with `type: openai-compatible` and `base_url`"
                                        : "; did you mean `" + near + "`?";
  return "unknown " + std::string(what) + " " + quote(shown) + hint;
}

void provider_set::add_section(provider_draft draft) {
  bool const own_name = draft.value.type.empty();
  known_provider const* known = row(own_name ? draft.value.name : draft.value.type);
  if (known != nullptr) {
    // `llama-cpp: {}` is `llamacpp: {}`, so that targets find it under both names.
    if (own_name) draft.value.name = known->name;
    draft.value.type = known->name;
  } else if (!draft.flawed) {
    in_.fail(draft.value.line, own_name ? unknown_message("provider", draft.value.name, draft.value.name)
                                        : unknown_message("provider type", draft.value.type, draft.type_written));
  }
  if (provider_draft const* first = draft_of(draft.value.name)) {
    in_.fail(draft.value.line, "`" + draft.path + "` and `" + first->path + "` (line " +
                                   std::to_string(first->value.line) + ") are the same provider");
    return;
  }
  if (known != nullptr && known->built_in) {
    in_.fail(draft.value.line, "`" + draft.path + "`: the provider `" + known->name + "` is built in; take it out");
  } else if (known != nullptr) {
    completed done = complete(draft);
    if (done.value) providers_.push_back(std::move(*done.value));
    for (problem& fault : done.faults) in_.problems.push_back(std::move(fault));
  }
  drafts_.push_back(std::move(draft));
}

provider_set::completed provider_set::complete(provider_draft const& draft) const {
  known_provider const& known = *row(draft.value.type);
  completed result{.value = draft.value, .faults = {}};
  set_urls(draft, known, result);
  set_keys(draft, known, result);
  check_special(draft, known, result);
  if (draft.flawed || !result.faults.empty()) result.value.reset();
  return result;
}

/// A key that this type does not have was meant for another one.
void provider_set::check_special(provider_draft const& draft, known_provider const& known, completed& into) const {
  for (auto const& [name, line] : draft.special) {
    if (std::ranges::find(known.settings, name) != known.settings.end()) continue;
    std::string const has = known.settings.empty() ? "it has no such settings" : "it has " + list_of(known.settings);
    into.faults.push_back(
        {line, "`" + draft.path + "." + name + "` means nothing for the type " + known.name + "; " + has});
  }
}

void provider_set::set_urls(provider_draft const& draft, known_provider const& known, completed& into) const {
  std::vector<url_draft> urls = draft.urls;
  if (urls.empty() && draft.urls_given_by.empty()) {
    for (std::string const& name : known.url_variables) {
      std::optional<std::string> const value = variable(in_.env, name);
      if (!value) continue;
      for (std::string& one : split_commas(*value)) urls.push_back({std::move(one), draft.value.line, name, true});
      break;
    }
  }
  for (url_draft const& one : urls) {
    parsed<std::string> url = canonical_base_url(
        one.text,
        {.scheme_optional = one.from_variable, .default_port = known.default_port, .default_path = known.default_path});
    if (!url) {
      into.faults.push_back({one.line, "`" + one.source + "` " + url.fault});
    } else if (std::ranges::find(into.value->base_urls, *url.value) == into.value->base_urls.end()) {
      into.value->base_urls.push_back(std::move(*url.value));
    }
  }
  if (!urls.empty() || !known.needs_base_url || draft.flawed) return;
  std::vector<std::string> places = known.url_variables;
  places.push_back(draft.path + ".base_url");
  into.faults.push_back({draft.value.line, "`" + draft.path + "` needs an address: set " + list_of(places)});
}

void provider_set::set_keys(provider_draft const& draft, known_provider const& known, completed& into) const {
  if (!draft.keys_given_by.empty()) return;  // `api_keys: []` too: it says that none is to be sent
  for (std::string const& name : known.key_variables) {
    std::optional<std::string> const value = variable(in_.env, name);
    if (!value) continue;
    parsed<std::string> secret = read_secret(*value);
    if (secret) {
      into.value->api_keys.push_back(std::move(*secret.value));
    } else {
      into.faults.push_back({draft.value.line, "the environment variable `" + name + "` " + secret.fault});
    }
    return;
  }
  if (!known.needs_key || draft.flawed) return;
  std::vector<std::string> places = known.key_variables;
  places.push_back(draft.path + ".api_key");
  into.faults.push_back({draft.value.line, "`" + draft.path + "` needs a key: set " + list_of(places)});
}

provider_set::answer provider_set::find(std::string const& name, std::string const& shown) {
  if (draft_of(name) != nullptr) return {.name = name, .unknown = {}, .lack = {}};
  known_provider const* known = row(name);
  if (known == nullptr) return {.name = {}, .unknown = unknown_message("provider", name, shown), .lack = {}};
  if (known->built_in || draft_of(known->name) != nullptr) return {.name = known->name, .unknown = {}, .lack = {}};
  return add_implicit(*known);
}

provider_set::answer provider_set::add_implicit(known_provider const& known) {
  auto const [tried, is_new] = tried_.try_emplace(known.name);
  std::string& lack = tried->second;
  if (is_new) {
    completed done = complete(bare_draft(known));
    for (problem const& fault : done.faults) lack += (lack.empty() ? "" : "; ") + fault.message;
    if (done.value) providers_.push_back(std::move(*done.value));
  }
  return {.name = known.name, .unknown = {}, .lack = lack};
}

provider_set::answer provider_set::find(profile_link const& link, std::string const& profile) {
  std::string const shown = link.written.substr(0, link.written.find('/'));
  if (link.own.is_empty()) return find(link.provider, shown);
  provider_draft const* section = draft_of(link.provider);
  known_provider const* known = row(section != nullptr ? section->value.type : link.provider);
  if (section == nullptr && known != nullptr) section = draft_of(known->name);
  if (known == nullptr) {
    // A section whose type is unknown has its problem already.
    std::string const unknown = section != nullptr ? "" : unknown_message("provider", link.provider, shown);
    return {.name = link.provider, .unknown = unknown, .lack = {}};
  }
  if (known->built_in) {
    in_.fail(link.line, "the provider `" + known->name + "` is built in and takes no settings");
    return {.name = known->name, .unknown = {}, .lack = {}};
  }
  provider_draft const draft = with_own_settings(section != nullptr ? *section : bare_draft(*known), link.own);
  completed done = complete(draft);
  for (problem& fault : done.faults) in_.problems.push_back(std::move(fault));
  if (!done.value) return {.name = draft.value.name, .unknown = {}, .lack = {}};
  if (section == nullptr) {  // `api_key_env: OPENAI_API_KEY` says what is so anyway
    completed const plain = complete(bare_draft(*known));
    if (plain.value && same_settings(*plain.value, *done.value)) return add_implicit(*known);
  }
  return {.name = add_named(draft.value.name + "@" + profile, *done.value), .unknown = {}, .lack = {}};
}

std::string provider_set::add_named(std::string const& wanted, provider& value) {
  for (provider const& one : providers_) {
    if (same_settings(one, value)) return one.name;
  }
  std::string name = wanted;
  for (int number = 2; std::ranges::find(providers_, name, &provider::name) != providers_.end(); ++number) {
    name = wanted + "." + std::to_string(number);
  }
  value.name = name;
  providers_.push_back(std::move(value));
  return name;
}

void provider_set::add_from_environment() {
  auto const is_set = [&](std::string const& name) { return variable(in_.env, name).has_value(); };
  for (known_provider const& known : catalog_) {
    if (known.built_in || draft_of(known.name) != nullptr || tried_.contains(known.name)) continue;
    completed done = complete(bare_draft(known));
    bool const has_key =
        std::ranges::any_of(known.key_variables, is_set) || std::ranges::any_of(known.enabling, is_set);
    bool const has_url = std::ranges::any_of(known.url_variables, is_set);
    if (done.value && (known.local || has_key)) {
      done.value->from_environment = true;
      providers_.push_back(std::move(*done.value));
    } else if (has_key || (known.local && has_url)) {
      // Somebody meant it, but a stale variable must not keep the daemon from starting.
      for (problem const& fault : done.faults) in_.warn(0, fault.message + "; " + known.name + " is left out");
    }
  }
}

}  // namespace recloser::config
