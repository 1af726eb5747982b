// `providers:`, and the keys that profiles share with it.

#include <algorithm>

#include "config/sections.hpp"
#include "config/substitute.hpp"

namespace recloser::config {

namespace {

// ---- addresses and keys ----------------------------------------------------------------------------------------------

/// `base_url`, `base_urls` and `api_base_env` say the same thing in three ways; so do the keys of API keys.
bool claim(field const& value, std::string& given_by) {
  if (!given_by.empty()) {
    value.fail("and `" + given_by + "` say the same thing; keep one of them");
    return false;
  }
  given_by = value.name;
  return true;
}

void add_urls(field const& value, std::string_view text, std::string const& source, bool from_variable,
              provider_draft& into) {
  for (std::string& one : split_commas(text))
    into.urls.push_back({std::move(one), value.line(), source, from_variable});
}

void read_base_urls(field const& value, provider_draft& into) {
  if (!claim(value, into.urls_given_by)) return;
  for (field const& item : value.items()) {
    if (std::string const* text = item.scalar("a URL or a list of URLs")) {
      add_urls(item, *text, item.path, false, into);
    }
  }
  if (value.value.kind == node_kind::sequence && value.value.items.empty()) value.fail("needs at least one URL");
}

/// The value of the variable that `value` names.
std::optional<std::string> named_variable(field const& value) {
  std::string const* name = value.scalar("the name of an environment variable");
  if (name == nullptr) return std::nullopt;
  if (!is_variable_name(trim(*name))) {  // not shown: a key that was put here by mistake is a secret
    value.fail("must be the name of an environment variable, such as `OPENAI_API_KEY`");
    return std::nullopt;
  }
  std::string const variable_name(trim(*name));
  std::optional<std::string> found = variable(value.in.env, variable_name);
  if (!found) value.fail("names the environment variable `" + variable_name + "`, which is not set");
  return found;
}

void read_api_base_env(field const& value, provider_draft& into) {
  if (!claim(value, into.urls_given_by)) return;
  if (auto const found = named_variable(value)) add_urls(value, *found, value.path, true, into);
}

void add_secret(field const& value, std::string_view written, std::vector<std::string>& into) {
  parsed<std::string> secret = read_secret(written);
  if (!secret) return value.fail(secret.fault);
  if (std::ranges::find(into, *secret.value) != into.end()) return value.fail("repeats an earlier key");
  into.push_back(std::move(*secret.value));
}

void read_api_keys(field const& value, provider_draft& into) {
  if (claim(value, into.keys_given_by)) read_secrets(value, value.name == "api_keys", into.value.api_keys);
}

void read_api_key_env(field const& value, provider_draft& into) {
  if (!claim(value, into.keys_given_by)) return;
  if (auto const found = named_variable(value)) add_secret(value, *found, into.value.api_keys);
}

void read_deployments(field const& section, provider_draft& into) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) section.at(one).text(into.value.deployments[one.name]);
}

constexpr key<provider_draft> connection_table[] = {
    {"base_url", read_base_urls},
    {"base_urls", read_base_urls},
    {"api_base_env", read_api_base_env},
    {"api_key", read_api_keys},
    {"api_keys", read_api_keys},
    {"api_key_env", read_api_key_env},
    {"api_version", [](field const& value, provider_draft& p) { value.text(p.value.api_version); }},
    {"deployment", [](field const& value, provider_draft& p) { value.text(p.value.deployments["*"]); }},
    {"deployments", read_deployments},
};

// ---- what only a provider section has --------------------------------------------------------------------------------

/// Headers that belong to the message or to the connection: another value would break the framing.
constexpr std::string_view own_headers[] = {"host",   "content-length", "transfer-encoding", "connection",
                                            "te",     "trailer",        "upgrade",           "keep-alive",
                                            "expect", "content-type",   "accept-encoding"};

bool is_header_name(std::string_view name) {
  constexpr std::string_view token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !name.empty() && name.find_first_not_of(token) == std::string_view::npos;
}

bool is_header_value(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

void read_header(field const& value, provider& into) {
  std::string const name(value.name);
  std::string const* text = value.scalar("a text");
  if (text == nullptr) return;
  auto const same = [&](auto const& other) { return lower(other.first) == lower(name); };
  if (!is_header_name(name)) return value.fail("is no valid header name");
  if (std::ranges::find(own_headers, lower(name)) != std::end(own_headers))
    return value.fail("is set by recloser itself");
  if (!is_header_value(*text)) return value.fail("holds a line break or another control character");
  if (std::ranges::any_of(into.headers, same)) return value.fail("repeats a header in another spelling");
  into.headers.emplace_back(name, trim(*text));
}

/// Their values may be credentials.
void read_headers(field const& section, provider_draft& into) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) {
    field const value(section.in, one.value, section.path + "." + one.name, true, one.name);
    read_header(value, into.value);
  }
}

void read_clock(field const& value, std::optional<milliseconds>& into) { value.duration(into.emplace()); }

constexpr key<clocks> clock_keys[] = {
    {"connect", [](field const& value, clocks& c) { read_clock(value, c.connect); }},
    {"tls", [](field const& value, clocks& c) { read_clock(value, c.tls); }},
    {"send", [](field const& value, clocks& c) { read_clock(value, c.send); }},
    {"first_byte", [](field const& value, clocks& c) { read_clock(value, c.first_byte); }},
    {"idle", [](field const& value, clocks& c) { read_clock(value, c.idle); }},
    {"total", [](field const& value, clocks& c) { read_clock(value, c.total); }},
};

void read_type(field const& value, provider_draft& into) {
  value.text(into.value.type);
  into.type_written = value.value.written;
}

constexpr key<provider_draft> provider_keys[] = {
    {"type", read_type},
    {"models", [](field const& value, provider_draft& p) { value.texts(p.value.models); }},
    {"headers", read_headers},
    {"ca_file", [](field const& value, provider_draft& p) { value.readable_file(p.value.ca_file); }},
    {"insecure_skip_verify",
     [](field const& value, provider_draft& p) { value.boolean(p.value.insecure_skip_verify); }},
    {"defaults", [](field const& value, provider_draft& p) { read_defaults(value, p.value.defaults); }},
    {"timeouts", [](field const& value, provider_draft& p) { read_section(value, bind(clock_keys, p.value.clocks)); }},
};

/// Names stand in `provider/model`, in metrics and in logs. `@` is for the providers that profiles make.
bool is_provider_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
             std::string_view::npos;
}

}  // namespace

bool provider_draft::is_empty() const {
  return urls_given_by.empty() && keys_given_by.empty() && value.api_version.empty() && value.deployments.empty();
}

std::span<key<provider_draft> const> connection_keys() { return connection_table; }

void read_secrets(field const& value, bool commas, std::vector<std::string>& into) {
  for (field const& item : value.items()) {
    std::string const* text = item.scalar("a key or a list of keys");
    if (text == nullptr) continue;
    bool const several = commas && value.value.kind == node_kind::scalar;
    for (std::string const& one : several ? split_commas(*text) : std::vector{*text}) add_secret(item, one, into);
  }
}

void read_providers(field const& section, std::vector<provider_draft>& into) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) {
    field const value = section.at(one);
    if (!is_provider_name(one.name)) {
      value.in.fail(one.line,
                    "the provider name " + quote(one.name) + " may hold letters, digits, `-`, `_` and `.` only");
      continue;
    }
    provider_draft draft{.path = value.path};
    draft.value.name = one.name;
    draft.value.line = one.line;
    draft.flawed = has_broken(one.value);
    std::size_t const before = section.in.problems.size();
    read_section(value, bind(connection_table, draft), bind(provider_keys, draft),
                 binding<provider_draft>{special_keys(), draft});
    draft.flawed |= section.in.problems.size() > before;
    into.push_back(std::move(draft));
  }
}

void add_provider_keys(std::vector<std::string>& into) {
  add_names(connection_table, "providers.*.", into);
  add_names(provider_keys, "providers.*.", into);
  for (auto const& known : special_keys()) into.push_back("providers.*." + std::string(known.name));
  add_names(clock_keys, "providers.*.timeouts.", into);
}

}  // namespace recloser::config
