#include "providers/jwt.hpp"

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "dialects/json.hpp"
#include "providers/credential_inputs.hpp"
#include "providers/encoding.hpp"

namespace recloser::providers {

namespace {

using private_key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// OpenSSL's own way to get a password is to ask on the terminal.
int no_password(char*, int, int, void*) { return -1; }

private_key read_key(std::string_view pem) {
  constexpr std::size_t longest = 64 * 1024;
  private_key key(nullptr, EVP_PKEY_free);
  if (pem.size() > longest) return key;
  std::unique_ptr<BIO, decltype(&BIO_free)> const source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         BIO_free);
  if (source) key.reset(PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr));
  ERR_clear_error();  // or the next TLS connection of this thread trips over it
  return key;
}

/// Empty when OpenSSL fails.
std::string rs256(EVP_PKEY* key, std::string_view text) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  auto const* bytes = reinterpret_cast<unsigned char const*>(text.data());
  std::size_t size = 0;
  std::string out;
  bool good = context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  if (good) {
    out.resize(size);
    good = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size()) == 1;
  }
  out.resize(good ? size : 0);
  ERR_clear_error();
  return out;
}

std::string jose_header(std::string_view key_id) {
  std::string out;
  json::writer header(out);
  header.open('{').key("alg").text("RS256").key("typ").text("JWT");
  if (!key_id.empty()) header.key("kid").string(key_id);
  header.close('}');
  return out;
}

}  // namespace

std::string private_key_fault(std::string_view pem) {
  if (pem.find("-----BEGIN ") == std::string_view::npos) return "is no PEM text (`-----BEGIN PRIVATE KEY-----` …)";
  if (pem.find("ENCRYPTED") != std::string_view::npos) return "is protected by a password";
  auto const key = read_key(pem);
  if (!key) return "is damaged";
  return EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA ? "" : "is no RSA key";
}

chat::result<std::string> make_jwt(chat::raw_json claims, std::string_view key_id, std::string_view pem) {
  if (auto const fault = private_key_fault(pem); !fault.empty()) return credential_fault("the private key " + fault);
  auto const key = read_key(pem);
  std::string out = base64url(jose_header(key_id)) + '.' + base64url(claims);
  std::string const signature = rs256(key.get(), out);
  if (signature.empty()) return credential_fault("the private key cannot sign");
  return out + '.' + base64url(signature);
}

}  // namespace recloser::providers
