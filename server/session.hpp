#pragma once
// Which conversation a request belongs to, found without changing the client (design.md, Sessions).

#include <string>
#include <vector>

#include "dialects/json.hpp"
#include "net/http1.hpp"

namespace recloser::server {

/// The first that is present: `x-session-id`, `x-session-affinity`, `session_id` or `session-id` header, then the body's
/// `prompt_cache_key`, then `user`. Empty when there is none. Only printable ASCII, at most 128 bytes: it goes into
/// headers and logs.
std::string find_session(net::fields const& headers, std::vector<json::member> const& body);

}  // namespace recloser::server
