#pragma once
// Who may come in: a daemon on localhost can be reached from every web page (resilience.md §11), so Host, Origin and
// content type are checked before anything else is done. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "chat/fault.hpp"
#include "config/config.hpp"
#include "net/http1.hpp"

namespace recloser::server {

/// Host without its port, lower case, without one trailing dot.
std::string host_name(std::string_view host);

/// `localhost`, 127.0.0.0/8 and ::1.
bool is_loopback_name(std::string_view name);

/// The Host check against DNS rebinding. On a loopback listener only loopback names and `allowed_hosts` pass. Beyond
/// loopback client keys are what protects; there every name passes unless `allowed_hosts` lists some.
bool host_is_allowed(std::string_view host, bool loopback_listener, config::config const& settings);

enum class origin_verdict { none, allowed, refused };
/// Origin and Sec-Fetch-Site: `allowed` when the operator listed the origin, `none` when no browser is involved or the
/// page is our own, `refused` for every other page.
origin_verdict check_origin(net::fields const& headers, std::string_view host, config::server const& settings);

/// The content type of a POST body, or why it is refused: only JSON needs a CORS preflight, so only JSON is taken from
/// browsers; `curl -d` sends form-urlencoded, which is taken when no Origin is there.
std::optional<chat::fault> check_content_type(net::fields const& headers);

/// The client's key: `Authorization: Bearer`, `x-api-key` or `api-key`.
std::string_view shown_key(net::fields const& headers);

/// Compares in constant time with every configured key; the one that matches, or nullptr.
config::client_key const* find_key(std::string_view shown, config::config const& settings);

}  // namespace recloser::server
