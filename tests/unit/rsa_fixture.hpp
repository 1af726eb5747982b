#pragma once
// Keys made while the tests run: none is kept in the repository.

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace recloser::providers {

using test_pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using test_bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

inline std::string text_of(BIO* bio) {
  char* data = nullptr;
  auto const size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

inline std::string private_pem(EVP_PKEY* key, EVP_CIPHER const* cipher = nullptr) {
  test_bio const bio(BIO_new(BIO_s_mem()), BIO_free);
  char password[] = "password";
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, cipher, cipher ? password : nullptr, cipher ? 8 : 0, nullptr, nullptr);
  return text_of(bio.get());
}

struct rsa_key {
  test_pkey key{EVP_RSA_gen(2048), EVP_PKEY_free};
  std::string pem = private_pem(key.get());
};

inline rsa_key const& test_key() {
  static rsa_key const key;
  return key;
}

inline std::string encrypted_pem() { return private_pem(test_key().key.get(), EVP_aes_128_cbc()); }

inline std::string elliptic_pem() {
  test_pkey const key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  return private_pem(key.get());
}

inline std::string public_pem() {
  test_bio const bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(bio.get(), test_key().key.get());
  return text_of(bio.get());
}

/// RS256, checked with the public half alone.
inline bool verifies(std::string_view text, std::string_view signature) {
  test_bio const bio(BIO_new(BIO_s_mem()), BIO_free);
  auto const pem = public_pem();
  BIO_write(bio.get(), pem.data(), static_cast<int>(pem.size()));
  test_pkey const key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  auto const bytes = [](std::string_view of) { return reinterpret_cast<unsigned char const*>(of.data()); };
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

}  // namespace recloser::providers
