// `profiles:`, in the form of Victor's profiles.yaml.

#include "config/sections.hpp"

namespace recloser::config {

namespace {

void read_provider(field const& value, profile_link& into) {
  value.text(into.provider);
  into.written.insert(0, value.value.written);
}

void read_model(field const& value, profile_link& into) {
  value.text(into.model);
  into.written += "/" + value.value.written;
}

constexpr key<profile_link> link_keys[] = {
    {"provider", read_provider},
    {"model", read_model},
};

/// Request members that a profile sets by name; any other goes under `defaults`.
constexpr key<request_defaults> generation_keys[] = {
    {"max_tokens", add_default},
    {"max_completion_tokens", add_default},
    {"temperature", add_default},
    {"top_p", add_default},
    {"top_k", add_default},
    {"frequency_penalty", add_default},
    {"presence_penalty", add_default},
    {"seed", add_default},
    {"stop", add_default},
    {"reasoning_effort", add_default},
    {"defaults", read_defaults},
};

binding<provider_draft> connection_of(profile_link& link) { return {connection_keys(), link.own}; }

/// A profile's `deployment` is that of its model; an Azure profile may name it instead of a model.
void settle_model(profile_link& link) {
  auto& deployments = link.own.value.deployments;
  auto const only = deployments.find("*");
  if (only == deployments.end()) return;
  std::string const deployment = only->second;
  deployments.erase(only);
  if (link.model.empty()) link.model = deployment;
  deployments[link.model] = deployment;
}

/// Keeps the link when it names a target; reports what it lacks unless something else is wrong with it.
void add_link(field const& value, profile_link link, bool flawed, std::vector<profile_link>& into) {
  settle_model(link);
  if (!link.provider.empty() && !link.model.empty()) {
    into.push_back(std::move(link));
  } else if (!flawed) {
    value.fail(link.provider.empty() ? "needs `provider`" : "needs `model`");
  }
}

profile_link new_link(field const& value) {
  profile_link link;
  link.line = value.line();
  link.own.path = value.path;
  link.own.value.line = value.line();
  return link;
}

void read_fallback_section(field const& value, std::vector<profile_link>& into) {
  profile_link link = new_link(value);
  std::size_t const before = value.in.problems.size();
  read_section(value, bind(link_keys, link), connection_of(link), bind(generation_keys, link.defaults));
  link.own.flawed = value.in.problems.size() > before || has_broken(value.value);
  bool const flawed = link.own.flawed;
  add_link(value, std::move(link), flawed, into);
}

void read_fallback(field const& value, profile_draft& into) {
  for (field const& item : value.items()) {
    if (item.value.kind == node_kind::map) {
      read_fallback_section(item, into.links);
      continue;
    }
    profile_link link = new_link(item);
    link.written = item.value.written;
    if (read_target_name(item, link.provider, link.model)) into.links.push_back(std::move(link));
  }
}

constexpr key<profile_draft> profile_keys[] = {
    {"fallback", read_fallback},
    {"track_costs", [](field const& value, profile_draft& p) { value.boolean(p.value.track_costs); }},
    {"strict", [](field const& value, profile_draft& p) { value.boolean(p.value.strict); }},
};

void read_profile(field const& value, profile_draft& into) {
  profile_link own = new_link(value);
  std::size_t const before = value.in.problems.size();
  read_section(value, bind(link_keys, own), connection_of(own), bind(generation_keys, into.value.defaults),
               bind(profile_keys, into));
  own.own.flawed = value.in.problems.size() > before || has_broken(value.value);
  std::vector<profile_link> links;
  bool const flawed = own.own.flawed;
  add_link(value, std::move(own), flawed, links);
  links.insert(links.end(), into.links.begin(), into.links.end());  // its own target comes before its fallbacks
  into.links = std::move(links);
}

}  // namespace

void read_profiles(field const& section, std::vector<profile_draft>& into) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) {
    if (!is_route_name(section, one)) continue;
    profile_draft profile;
    profile.value.name = one.name;
    profile.value.line = one.line;
    read_profile(section.at(one), profile);
    into.push_back(std::move(profile));
  }
}

void add_profile_keys(std::vector<std::string>& into) {
  add_names(link_keys, "profiles.*.", into);
  for (auto const& known : connection_keys()) into.push_back("profiles.*." + std::string(known.name));
  add_names(generation_keys, "profiles.*.", into);
  add_names(profile_keys, "profiles.*.", into);
}

}  // namespace recloser::config
