#pragma once
// A configured provider, ready to be called: its addresses, its credentials, the constant part of its requests.
// Immutable but for the health of its endpoints, which all workers share and a reload keeps.

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "net/exchange.hpp"
#include "providers/prepare.hpp"
#include "providers/row.hpp"
#include "routing/fetched_credential.hpp"
#include "routing/lane.hpp"

namespace recloser::routing {

/// What is known of one base URL. `down_until` is a steady time in ms; 0: it works, as far as we know.
struct endpoint_health {
  std::atomic<std::int64_t> down_until_ms{0};
  std::atomic<bool> seen{false};  ///< it has answered at least once since the process began
};

struct endpoint {
  std::string url;        ///< as configured, for people
  net::origin origin;
  std::string base_path;  ///< without a trailing slash
  std::shared_ptr<endpoint_health> health;
};

struct credential {
  std::string header;  ///< the header line that shows it; empty for one that is fetched
  std::string label;   ///< empty for the first, `#2` for the second: part of lane ids
  std::shared_ptr<fetched_credential> fetched;
};

struct service {
  std::string name;
  providers::row const* row = nullptr;
  std::vector<routing::endpoint> endpoints;      ///< never empty, but for the built-in demo
  std::vector<routing::credential> credentials;  ///< never empty; a keyless provider has one without secret
  std::vector<std::string> models;               ///< configured: names it serves
  std::map<std::string, std::string> deployments;
  std::string api_version;
  std::string region;  ///< AWS: what signatures name
  config::request_defaults defaults;             ///< of the provider; a target's win
  config::chat_api api = config::chat_api::automatic;
  std::string text_calls = "auto";
  bool truncate = false;  ///< a request that is too large loses its oldest turns
  net::exchange_limits limits;
  std::chrono::milliseconds total{900'000};
  bool from_environment = false;
  std::string extra_headers;  ///< header lines that do not depend on the credential
  std::shared_ptr<std::atomic<std::uint32_t>> turn = std::make_shared<std::atomic<std::uint32_t>>(0);  ///< of the keys

  bool is_demo() const { return endpoints.empty(); }
  /// `POST /v1/chat/completions HTTP/1.1` … `content-length: `, everything of the head but the number. `authorization`:
  /// header lines.
  std::string post_head(routing::endpoint const& where, std::string_view authorization, std::string_view path) const;
  /// A whole GET request.
  std::string get_request(routing::endpoint const& where, routing::credential const& who, std::string_view path) const;
};

/// Health of endpoints by identity (provider and URL), so that a reload keeps it.
class endpoint_registry {
 public:
  std::shared_ptr<endpoint_health> get(std::string const& identity);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<endpoint_health>> known_;
};

/// Builds the service of a provider section. Throws std::runtime_error with words for the operator (TLS files).
service make_service(config::provider const& section, endpoint_registry& endpoints);

/// The built-in provider `demo` with its model `echo`.
service make_demo_service();

}  // namespace recloser::routing
