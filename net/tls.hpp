#pragma once
// TLS settings. A context is made once at start or reload and shared by all workers (OpenSSL counts references).

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace recloser::net {

struct tls_context_deleter {
  void operator()(ssl_ctx_st* context) const;
};
using tls_context = std::shared_ptr<ssl_ctx_st>;

/// For upstreams: TLS 1.2 or newer, the system's trust store and, when given, the certificates of `ca_file`. One context
/// per `ca_file` is made and shared: reading the trust store costs 20 ms and 2 MiB. Any thread.
/// Throws std::runtime_error naming the file that cannot be used.
tls_context client_tls(std::string const& ca_file);

/// For a listener. `client_ca` not empty: clients must show a certificate that it signed.
tls_context server_tls(std::string const& certificate, std::string const& key, std::string const& client_ca);

}  // namespace recloser::net
