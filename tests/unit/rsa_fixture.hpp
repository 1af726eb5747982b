#pragma once
// Keys made while the tests run: none is kept in the repository.

#include <string>
#include <string_view>

namespace recloser::providers {

/// The private key of the tests, RSA, as PEM.
std::string const& rsa_pem();

std::string encrypted_pem();  ///< the same behind a password
std::string elliptic_pem();   ///< of another kind
std::string public_pem();     ///< its public half

/// RS256, checked with the public half alone.
bool verifies(std::string_view text, std::string_view signature);

}  // namespace recloser::providers
