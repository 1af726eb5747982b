// `server:`

#include <algorithm>

#include "config/address.hpp"
#include "config/host.hpp"
#include "config/sections.hpp"

namespace recloser::config {

namespace {

// ---- listen ----------------------------------------------------------------------------------------------------------

constexpr key<tls_listener> tls_keys[] = {
    {"certificate", [](field const& value, tls_listener& tls) { value.readable_file(tls.certificate); }},
    {"key", [](field const& value, tls_listener& tls) { value.readable_file(tls.key); }},
    {"client_ca", [](field const& value, tls_listener& tls) { value.readable_file(tls.client_ca); }},
};

bool has_member(field const& section, std::string_view name) {
  return std::ranges::find(section.value.members, name, &member::name) != section.value.members.end();
}

void read_tls(field const& section, std::optional<tls_listener>& into) {
  read_section(section, bind(tls_keys, into.emplace()));
  if (section.value.broken) return;
  for (std::string_view needed : {"certificate", "key"}) {
    if (!has_member(section, needed)) section.fail("needs `" + std::string(needed) + "`");
  }
}

/// One entry of `listen` in its long form.
struct listen_entry {
  std::vector<listener> addresses;
  std::optional<tls_listener> tls;
};

void read_address(field const& value, std::vector<listener>& into) {
  std::string const* written = value.scalar("`host:port`");
  if (written == nullptr) return;
  parsed<std::vector<listener>> addresses = parse_listen(*written);
  if (!addresses) return value.fail(addresses.fault);
  into = std::move(*addresses.value);
  for (listener& one : into) one.line = value.line();
}

constexpr key<listen_entry> listen_keys[] = {
    {"address", [](field const& value, listen_entry& entry) { read_address(value, entry.addresses); }},
    {"tls", [](field const& value, listen_entry& entry) { read_tls(value, entry.tls); }},
};

void add_listener(field const& value, listener one, std::vector<listener>& into) {
  auto const same = [&](listener const& other) { return other.host == one.host && other.port == one.port; };
  if (std::ranges::any_of(into, same)) return value.fail("repeats " + quote(to_string(one)));
  into.push_back(std::move(one));
}

void read_listen(field const& value, struct server& into) {
  std::vector<listener> all;
  for (field const& item : value.items()) {
    listen_entry entry;
    if (item.value.kind == node_kind::map) {
      read_section(item, bind(listen_keys, entry));
      if (!has_member(item, "address")) item.fail("needs `address`");
    } else {
      read_address(item, entry.addresses);
    }
    for (listener& one : entry.addresses) {
      one.tls = entry.tls;
      add_listener(item, std::move(one), all);
    }
  }
  if (value.value.kind == node_kind::sequence && value.value.items.empty()) value.fail("needs at least one address");
  into.listeners = std::move(all);
}

// ---- who may call ----------------------------------------------------------------------------------------------------

std::vector<std::string> listed(field const& value) {
  std::vector<std::string> texts;
  value.texts(texts, true);
  return texts;
}

void read_allowed_hosts(field const& value, struct server& into) {
  for (std::string const& one : listed(value)) {
    bool const port_or_url = one.find('/') != std::string::npos || std::ranges::count(one, ':') == 1;
    parsed<host> name = canonical_host(one);
    if (one == "*") {
      value.fail("takes names, not `*`: any web page could reach recloser by DNS rebinding");
    } else if (port_or_url || !name) {
      value.fail("takes host names or IP addresses without scheme and port, such as `gateway.example`");
    } else {
      into.allowed_hosts.push_back(std::move(name.value->text));
    }
  }
}

/// As browsers send it: lower case, no path, no default port.
std::string canonical_origin(std::string_view written) {
  std::string origin = lower(written);
  if (origin.ends_with('/')) origin.pop_back();
  if (origin.starts_with("https://") && origin.ends_with(":443")) origin.resize(origin.size() - 4);
  if (origin.starts_with("http://") && origin.ends_with(":80")) origin.resize(origin.size() - 3);
  return origin;
}

bool is_origin(std::string_view origin) {
  std::size_t const colon = origin.find("://");
  if (colon == 0 || colon == std::string_view::npos) return false;
  std::string_view const authority = origin.substr(colon + 3);
  return !authority.empty() && authority.find_first_of("/?#@* ") == std::string_view::npos;
}

void read_allowed_origins(field const& value, struct server& into) {
  for (std::string const& one : listed(value)) {
    std::string origin = canonical_origin(one);
    if (is_origin(origin)) {
      into.allowed_origins.push_back(std::move(origin));
    } else {
      value.fail("takes origins such as `https://app.example`");
    }
  }
}

// ---- the section -----------------------------------------------------------------------------------------------------

constexpr std::pair<std::string_view, log_format> log_formats[] = {
    {"off", log_format::off}, {"text", log_format::text}, {"json", log_format::json}};

constexpr std::pair<std::string_view, std::string_view> log_levels[] = {
    {"trace", "trace"}, {"debug", "debug"},       {"info", "info"}, {"warn", "warn"},
    {"error", "error"}, {"critical", "critical"}, {"off", "off"}};

void read_log_level(field const& value, struct server& into) {
  std::string_view level = into.log_level;
  value.choice(level, log_levels);
  into.log_level = std::string(level);
}

constexpr key<struct server> server_keys[] = {
    {"listen", read_listen},
    {"workers", [](field const& value, struct server& s) { value.number(s.workers, 0, 1024); }},
    {"allowed_hosts", read_allowed_hosts},
    {"allowed_origins", read_allowed_origins},
    {"insecure_no_auth", [](field const& value, struct server& s) { value.boolean(s.insecure_no_auth); }},
    {"access_log", [](field const& value, struct server& s) { value.choice(s.access_log, log_formats); }},
    {"log_level", read_log_level},
    {"max_body", [](field const& value, struct server& s) { value.bytes(s.max_body, 1024); }},
    {"max_connections", [](field const& value, struct server& s) { value.size(s.max_connections, 1, 1'000'000); }},
    {"drain_timeout", [](field const& value, struct server& s) { value.duration(s.drain_timeout, true); }},
    {"client_header_timeout", [](field const& value, struct server& s) { value.duration(s.client_header_timeout); }},
    {"client_body_timeout", [](field const& value, struct server& s) { value.duration(s.client_body_timeout); }},
    {"client_write_timeout", [](field const& value, struct server& s) { value.duration(s.client_write_timeout); }},
    {"keepalive_timeout", [](field const& value, struct server& s) { value.duration(s.keepalive_timeout); }},
};

}  // namespace

void read_server(field const& section, struct server& into) { read_section(section, bind(server_keys, into)); }

void add_server_keys(std::vector<std::string>& into) {
  add_names(server_keys, "server.", into);
  add_names(listen_keys, "server.listen.", into);
  add_names(tls_keys, "server.listen.tls.", into);
}

}  // namespace recloser::config
