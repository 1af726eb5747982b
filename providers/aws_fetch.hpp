#pragma once
// Fetching AWS keys that are not at hand: from STS, from the endpoint beside a container, or from EC2's metadata service
// in its second version (a token, then the role's name, then the keys).

#include <string>

#include "chat/fault.hpp"
#include "providers/aws_credentials.hpp"
#include "providers/token_request.hpp"

namespace recloser::providers {

/// One fetch after another. `answered` belongs to the request that was given last; a fault ends the fetch.
class aws_fetch {
 public:
  explicit aws_fetch(aws_access from) : from_(std::move(from)), region_(from_.region) {}

  using step = fetch_step<aws_keys>;

  /// Keys at hand are given at once; they never run out. An API key is no AWS key: asking for one is a fault.
  chat::result<step> start(credential_inputs const& in);
  chat::result<step> answered(token_answer const& answer, wall_time now);

  /// The configured region or, after a fetch, that of the instance.
  std::string const& region() const { return region_; }

 private:
  enum class asked { nothing, sts, container, instance_token, instance_region, instance_role, instance_keys };

  chat::result<step> ask_sts(credential_inputs const& in);
  chat::result<step> ask_container(credential_inputs const& in);
  chat::result<step> read_instance_token(token_answer const& answer);
  chat::result<step> read_instance_region(token_answer const& answer);
  chat::result<step> read_instance_role(token_answer const& answer);
  step ask_instance(asked what, std::string_view path);

  aws_access from_;
  std::string region_;
  std::string instance_token_;
  asked asked_ = asked::nothing;
};

/// `{"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}`. `whom` begins the fault.
chat::result<expiring<aws_keys>> read_aws_keys(token_answer const& answer, wall_time now, std::string_view whom);

/// The XML answer of STS to AssumeRoleWithWebIdentity.
chat::result<expiring<aws_keys>> read_sts_keys(token_answer const& answer, wall_time now);

}  // namespace recloser::providers
