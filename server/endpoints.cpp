#include "server/endpoints.hpp"

#include <array>

namespace recloser::server {

namespace {

using usage::endpoint_label;

constexpr std::array table{
    endpoint{"POST", "/chat/completions", access::keyed, endpoint_label::chat, serve_chat},
    endpoint{"POST", "/completions", access::keyed, endpoint_label::completions, serve_completions},
    endpoint{"POST", "/embeddings", access::keyed, endpoint_label::embeddings, serve_embeddings},
    endpoint{"GET", "/models", access::keyed, endpoint_label::models, serve_models},
    endpoint{"GET", "/models/*", access::keyed, endpoint_label::models, serve_model},
    endpoint{"GET", "/healthz", access::open, endpoint_label::other, serve_health},
    endpoint{"GET", "/health", access::open, endpoint_label::other, serve_health},
    endpoint{"GET", "/readyz", access::open, endpoint_label::other, serve_ready},
    endpoint{"GET", "/metrics", access::keyed, endpoint_label::other, serve_metrics},
    endpoint{"GET", "/admin/lanes", access::keyed, endpoint_label::admin, serve_lanes},
    endpoint{"POST", "/admin/reload", access::keyed, endpoint_label::admin, serve_reload},
    endpoint{"GET", "/", access::open, endpoint_label::other, serve_root},
};

bool matches(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with("/*")) return pattern == path;
  pattern.remove_suffix(1);
  return path.size() > pattern.size() && path.starts_with(pattern);
}

void add_method(std::string& allow, std::string_view method) {
  allow.append(allow.empty() ? "" : ", ").append(method);
  if (method == "GET") allow.append(", HEAD");
}

}  // namespace

std::span<endpoint const> endpoints() { return table; }

std::string normal_path(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  std::string path;
  for (char const c : target) {
    if (c == '/' && path.ends_with('/')) continue;
    path += c;
  }
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  for (int i = 0; i < 2; ++i) {
    if (path == "/v1") path = "/";
    if (path.starts_with("/v1/")) path.erase(0, 3);
  }
  return path;
}

endpoint const* find_endpoint(std::string_view method, std::string_view path, std::string& allow) {
  for (endpoint const& e : table) {
    if (!matches(e.path, path)) continue;
    if (e.method == method || (method == "HEAD" && e.method == "GET")) return &e;
    add_method(allow, e.method);
  }
  if (!allow.empty()) allow += ", OPTIONS";
  return nullptr;
}

}  // namespace recloser::server
