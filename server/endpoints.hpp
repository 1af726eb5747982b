#pragma once
// Which function answers which path.

#include <span>
#include <string>
#include <string_view>

#include "server/connection.hpp"

namespace recloser::server {

using endpoint_function = net::task<> (*)(connection&, request const&);

enum class access { open, keyed };  ///< keyed: needs a client key when any is configured

struct endpoint {
  std::string_view method;
  std::string_view path;  ///< normalised; `/*` at the end takes the rest of the path
  server::access access;
  usage::endpoint_label label;
  endpoint_function serve;
};

std::span<endpoint const> endpoints();

/// `/v1//models/` -> `/models`. `/v1` in front is optional and may come twice (SDKs add it to bases that have it).
std::string normal_path(std::string_view target);

/// The endpoint for a method and a normalised path. Without one `allow` lists the methods that the path knows; empty:
/// there is no such path. HEAD is served by GET.
endpoint const* find_endpoint(std::string_view method, std::string_view path, std::string& allow);

// The endpoints' functions, in inference.cpp and pages.cpp.
net::task<> serve_chat(connection&, request const&);
net::task<> serve_completions(connection&, request const&);
net::task<> serve_embeddings(connection&, request const&);
net::task<> serve_models(connection&, request const&);
net::task<> serve_model(connection&, request const&);
net::task<> serve_health(connection&, request const&);
net::task<> serve_ready(connection&, request const&);
net::task<> serve_metrics(connection&, request const&);
net::task<> serve_lanes(connection&, request const&);
net::task<> serve_reload(connection&, request const&);
net::task<> serve_root(connection&, request const&);

}  // namespace recloser::server
