#include "providers/digest.hpp"

#include <memory>
#include <new>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace recloser::providers {

digest sha256(std::span<std::string_view const> pieces) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  digest out;
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (auto piece : pieces) good = good && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  if (!good || EVP_DigestFinal_ex(context.get(), out.data(), nullptr) != 1) throw std::bad_alloc();
  return out;
}

digest sha256(std::string_view text) { return sha256(std::span(&text, 1)); }

digest hmac_sha256(std::span<std::uint8_t const> key, std::string_view text) {
  digest out;
  auto const* bytes = reinterpret_cast<unsigned char const*>(text.data());
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), out.data(), &size)) {
    throw std::bad_alloc();
  }
  return out;
}

}  // namespace recloser::providers
