#pragma once
// JSON Web Tokens signed with an RSA key (RFC 7515, RFC 7518 §3.3: RS256).

#include <string>
#include <string_view>

#include "chat/fault.hpp"
#include "chat/text.hpp"

namespace recloser::providers {

/// What is wrong with the PEM text of a private key that has to sign RS256: the end of a sentence, without a byte of the
/// key. Empty: it can.
std::string private_key_fault(std::string_view pem);

/// `header.claims.signature`. `claims` is a JSON object; `key_id` may be empty.
chat::result<std::string> make_jwt(chat::raw_json claims, std::string_view key_id, std::string_view pem);

}  // namespace recloser::providers
