#include "net/tls.hpp"

#include <map>
#include <mutex>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace recloser::net {

namespace {

tls_context make(SSL_METHOD const* method) {
  tls_context context(SSL_CTX_new(method), tls_context_deleter{});
  if (!context) throw std::runtime_error("OpenSSL cannot make a TLS context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);  // 34 KB per idle connection otherwise
  return context;
}

[[noreturn]] void refuse(std::string const& what, std::string const& file) {
  char text[160] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  throw std::runtime_error(what + " " + file + ": " + text);
}

tls_context make_client_tls(std::string const& ca_file) {
  tls_context context = make(TLS_client_method());
  SSL_CTX_set_default_verify_paths(context.get());
  if (!ca_file.empty() && SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
    refuse("cannot read the certificates of ca_file", ca_file);
  }
  return context;
}

}  // namespace

void tls_context_deleter::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

tls_context client_tls(std::string const& ca_file) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<ssl_ctx_st>> made;
  std::lock_guard const lock(mutex);
  tls_context context = made[ca_file].lock();
  if (!context) made[ca_file] = context = make_client_tls(ca_file);
  return context;
}

tls_context server_tls(std::string const& certificate, std::string const& key, std::string const& client_ca) {
  tls_context context = make(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    refuse("cannot use the certificate", certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) refuse("cannot use the key", key);
  if (!client_ca.empty()) {
    if (SSL_CTX_load_verify_locations(context.get(), client_ca.c_str(), nullptr) != 1) {
      refuse("cannot read the certificates of client_ca", client_ca);
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace recloser::net
