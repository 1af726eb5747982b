#include "rsa_fixture.hpp"

#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace recloser::providers {

namespace {

using key_owner = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using bio_owner = std::unique_ptr<BIO, decltype(&BIO_free)>;

bio_owner memory() { return {BIO_new(BIO_s_mem()), BIO_free}; }

std::string text_of(bio_owner const& bio) {
  char* data = nullptr;
  auto const size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string private_pem(EVP_PKEY* key, EVP_CIPHER const* cipher = nullptr) {
  auto const bio = memory();
  char password[] = "password";
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, cipher, cipher ? password : nullptr, cipher ? 8 : 0, nullptr, nullptr);
  return text_of(bio);
}

EVP_PKEY* rsa_key() {
  static key_owner const key(EVP_RSA_gen(2048), EVP_PKEY_free);
  return key.get();
}

}  // namespace

std::string const& rsa_pem() {
  static std::string const pem = private_pem(rsa_key());
  return pem;
}

std::string encrypted_pem() { return private_pem(rsa_key(), EVP_aes_128_cbc()); }

std::string elliptic_pem() {
  key_owner const key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  return private_pem(key.get());
}

std::string public_pem() {
  auto const bio = memory();
  PEM_write_bio_PUBKEY(bio.get(), rsa_key());
  return text_of(bio);
}

bool verifies(std::string_view text, std::string_view signature) {
  auto const bio = memory();
  auto const pem = public_pem();
  BIO_write(bio.get(), pem.data(), static_cast<int>(pem.size()));
  key_owner const key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  auto const bytes = [](std::string_view of) { return reinterpret_cast<unsigned char const*>(of.data()); };
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

}  // namespace recloser::providers
