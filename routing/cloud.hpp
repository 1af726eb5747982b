#pragma once
// What the section of a cloud provider comes to, with its environment and files: where it is and who we are there.

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "providers/row.hpp"
#include "routing/fetched_credential.hpp"

namespace recloser::routing {

/// Stands in a path for the Google Cloud project that only the metadata server knows.
inline constexpr std::string_view unknown_project = "{project}";

struct cloud_setup {
  std::vector<std::string> base_urls;  ///< when the section gives none
  std::string default_path;            ///< of a base URL without a path
  std::string path;                    ///< behind every base URL: `/projects/p/locations/l`
  std::string region;                  ///< AWS: what signatures name
  std::string secret;                  ///< a token that was given and cannot be renewed
  std::optional<fetched_credential::machine> credential;
  std::string headers;                 ///< more header lines
  std::string api_version;             ///< Azure
};

/// Of a row whose `auth` is `aws`, `google` or `azure`; anything else needs none of it. The fault is for the operator.
chat::result<cloud_setup> set_up_cloud(providers::row const& row, config::provider const& section,
                                       providers::credential_inputs const& in);

}  // namespace recloser::routing
