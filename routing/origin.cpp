#include "routing/origin.hpp"

#include <boost/url.hpp>

namespace recloser::routing {

using namespace std::chrono_literals;

std::optional<parsed_url> parse_url(std::string_view text, origin_settings const& settings) {
  auto const url = boost::urls::parse_uri(text);
  if (!url) return std::nullopt;
  bool const secure = url->scheme_id() == boost::urls::scheme::https;
  if (!secure && url->scheme_id() != boost::urls::scheme::http) return std::nullopt;
  parsed_url result;
  net::origin& to = result.origin;
  std::string const bracketed(url->encoded_host());
  bool const is_v6 = bracketed.starts_with('[');
  to.host = is_v6 ? bracketed.substr(1, bracketed.size() - 2) : bracketed;
  to.port = url->has_port() && url->port_number() ? url->port_number() : secure ? 443 : 80;
  bool const usual_port = to.port == (secure ? 443 : 80);
  to.authority = bracketed + (usual_port ? "" : ":" + std::to_string(to.port));
  to.verify = settings.verify;
  if (secure) to.tls = settings.tls;
  to.key = std::string(secure ? "https" : "http") + "://" + bracketed + ":" + std::to_string(to.port) + "|" +
           settings.ca_file + (to.verify ? "" : "|unverified");
  bool const loopback = to.host == "localhost" || to.host == "::1" || to.host.starts_with("127.");
  to.connect_limit = settings.connect_limit.value_or(loopback ? 1s : 5s);
  to.tls_limit = settings.tls_limit.value_or(5s);
  to.idle_limit = settings.local ? 4s : 50s;
  result.path = std::string(url->encoded_path());
  while (result.path.ends_with('/')) result.path.pop_back();
  return result;
}

}  // namespace recloser::routing
