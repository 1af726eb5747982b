// `routes:`, and what profiles share with it.

#include <algorithm>

#include "config/json_text.hpp"
#include "config/sections.hpp"

namespace recloser::config {

namespace {

/// Members that a request always has, or whose presence changes what the client gets back.
constexpr std::string_view no_defaults[] = {"model", "messages", "input", "prompt", "stream"};

constexpr std::pair<std::string_view, strategy> strategies[] = {{"order", strategy::order},
                                                                {"weighted", strategy::weighted}};

void read_target(field const& value, target_draft& into) {
  into.value.line = value.line();
  into.written = value.value.written;
  read_target_name(value, into.value.provider, into.value.model);
}

constexpr key<target_draft> target_keys[] = {
    {"target", read_target},
    {"weight", [](field const& value, target_draft& t) { value.number(t.value.weight, 1, 1'000'000); }},
};

void read_targets(field const& value, std::vector<target_draft>& into) {
  if (value.value.kind == node_kind::sequence && value.value.items.empty()) {
    return value.fail("needs at least one target, such as `openai/gpt-4o`");
  }
  for (field const& item : value.items()) {
    target_draft one;
    if (item.value.kind == node_kind::map) {
      std::size_t const before = item.in.problems.size();
      read_section(item, bind(target_keys, one));
      bool const silent = item.in.problems.size() == before && !has_broken(item.value);
      if (one.value.provider.empty() && silent) item.fail("needs `target`");
    } else {
      read_target(item, one);
    }
    if (!one.value.provider.empty()) into.push_back(std::move(one));
  }
}

constexpr key<route_draft> route_keys[] = {
    {"targets", [](field const& value, route_draft& r) { read_targets(value, r.targets); }},
    {"strategy", [](field const& value, route_draft& r) { value.choice(r.value.strategy, strategies); }},
    {"defaults", [](field const& value, route_draft& r) { read_defaults(value, r.value.defaults); }},
    {"strict", [](field const& value, route_draft& r) { value.boolean(r.value.strict); }},
};

void read_route(field const& value, route_draft& into) {
  if (value.value.kind == node_kind::scalar || value.value.kind == node_kind::sequence) {
    return read_targets(value, into.targets);  // `fast: groq/llama-3.3-70b`
  }
  std::size_t const before = value.in.problems.size();
  read_section(value, bind(route_keys, into));
  bool const silent = value.in.problems.size() == before && !has_broken(value.value);
  if (into.targets.empty() && silent) value.fail("needs `targets`, such as `[openai/gpt-4o]`");
}

}  // namespace

bool read_target_name(field const& value, std::string& provider, std::string& model) {
  std::string const* written = value.scalar("`provider/model`");
  if (written == nullptr) return false;
  std::string_view const text = trim(*written);
  std::size_t const slash = text.find('/');
  bool const blank = text.find_first_of(" \t\r\n") != std::string_view::npos;
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size() || blank) {
    value.fail_type("`provider/model`");
    return false;
  }
  provider = text.substr(0, slash);
  model = text.substr(slash + 1);
  return true;
}

void add_default(field const& value, request_defaults& into) {
  if (value.value.broken || has_broken(value.value)) return;
  if (std::ranges::find(no_defaults, value.name) != std::end(no_defaults)) {
    return value.fail("cannot have a default: it belongs to each request");
  }
  auto const same = [&](auto const& other) { return other.first == value.name; };
  if (std::ranges::any_of(into, same)) return value.fail("has a default already");
  into.emplace_back(value.name, to_json(value.value));
}

void read_defaults(field const& section, request_defaults& into) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) add_default(section.at(one), into);
}

bool is_route_name(field const& section, member const& one) {
  constexpr std::size_t longest = 128;
  bool const good = one.name.size() <= longest &&
                    std::ranges::none_of(one.name, [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
  if (!good)
    section.in.fail(one.line,
                    "the name " + quote(one.name) + " must be short and without blanks: clients send it as `model`");
  return good;
}

void read_routes(field const& section, std::vector<route_draft>& into) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) {
    if (!is_route_name(section, one)) continue;
    route_draft draft;
    draft.value.name = one.name;
    draft.value.line = one.line;
    read_route(section.at(one), draft);
    into.push_back(std::move(draft));
  }
}

void add_route_keys(std::vector<std::string>& into) {
  add_names(route_keys, "routes.*.", into);
  add_names(target_keys, "routes.*.targets.", into);
}

}  // namespace recloser::config
