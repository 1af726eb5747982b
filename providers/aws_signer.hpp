#pragma once
// AWS Signature Version 4 (providers-native.md §4.3): for every service but S3, in headers, over the whole body.

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "providers/digest.hpp"
#include "providers/token_request.hpp"
#include "providers/wall_time.hpp"

namespace recloser::providers {

struct aws_keys {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  ///< empty for keys that do not run out
};

/// What is signed, exactly as it is sent. Views for the time of one call.
struct aws_request {
  std::string_view method = "POST";
  std::string_view host;        ///< value of the Host header: with the port when it is not the scheme's own
  std::string_view path = "/";  ///< percent-encoded once: `/model/a%3A0/converse`
  std::string_view query = {};  ///< percent-encoded, without the `?`
  /// More headers to sign: `content-type`. Those that a proxy may change, and those that the signer adds, are left out.
  std::span<std::pair<std::string_view, std::string_view> const> headers = {};
  std::span<std::string_view const> body = {};
  bool content_hash = false;  ///< send `x-amz-content-sha256` too
};

/// Signs for one set of keys, one region and one service. It keeps the signing key of the day, so it belongs to one thread.
class aws_signer {
 public:
  aws_signer(aws_keys keys, std::string region, std::string service)
      : keys_(std::move(keys)), region_(std::move(region)), service_(std::move(service)) {}

  /// The headers to add: `x-amz-date`, `x-amz-security-token`, `x-amz-content-sha256`, `authorization`. Good for some
  /// minutes around `now`; a retry needs new ones.
  header_list sign(aws_request const& request, wall_time now);

 private:
  digest const& key_of(std::string_view day);

  aws_keys keys_;
  std::string region_;
  std::string service_;
  std::string day_;  // of key_
  digest key_{};
};

// ---- the steps, each as AWS documents it -----------------------------------------------------------------------

/// The wire path encoded a second time, without empty and dot segments.
std::string canonical_path(std::string_view wire_path);

/// Name and value encoded, sorted.
std::string canonical_query(std::string_view wire_query);

struct canonical_request {
  std::string text;
  std::string signed_headers;  ///< `content-type;host;x-amz-date`
};
/// `added` are the headers that the signer adds.
canonical_request make_canonical(aws_request const& request, header_list const& added, std::string_view payload_hash);

/// `day` is `20261122`.
digest signing_key(std::string_view secret, std::string_view day, std::string_view region, std::string_view service);

}  // namespace recloser::providers
