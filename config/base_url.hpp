#pragma once
// The only addresses that recloser ever connects to: those that the operator wrote (resilience.md §11.5).

#include <cstdint>
#include <string>
#include <string_view>

#include "config/text.hpp"

namespace recloser::config {

struct url_rules {
  bool scheme_optional = false;    ///< `127.0.0.1:8000` is `http://127.0.0.1:8000`: for environment variables
  std::uint16_t default_port = 0;  ///< of a URL without scheme and port
  std::string_view default_path;   ///< of a URL without a path: `/v1`
};

/// `scheme://host[:port][/path]` in canonical form, without a slash at the end. http and https only; no user name, query
/// or fragment; metadata services refused in every spelling; 0.0.0.0 (people copy it from a listener) is 127.0.0.1.
/// The fault is the end of a sentence and never shows the URL, which may hold a password.
parsed<std::string> canonical_base_url(std::string_view written, url_rules const& rules = {});

}  // namespace recloser::config
