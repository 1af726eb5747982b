#pragma once
// The HTTP requests that fetch a credential, as data. Whoever owns sockets makes them; nothing here waits.
//
// A credential that must be fetched is a small machine (`aws_fetch`, `google_fetch`, `azure_fetch`) with two functions:
// `start` and `answered`. Each gives the next step: another request to make, or the credential.

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "providers/wall_time.hpp"

namespace recloser::providers {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// Holds secrets: never logged.
struct token_request {
  std::string method = "POST";
  std::string url;
  header_list headers;  ///< names in lower case; without host and content-length
  std::string body;
  bool metadata_service = false;  ///< to an address that no provider may have: it is close by, or not there at all
};

struct token_answer {
  int status = 0;
  std::string_view body;
  std::string_view metadata_flavor = {};  ///< the header of that name: a Google metadata server proves itself with it
};

/// Something secret that was fetched and runs out.
template <class Secret>
struct expiring {
  Secret value;
  wall_time expires = wall_time::max();
};

using token = expiring<std::string>;

template <class Secret>
using fetch_step = std::variant<token_request, expiring<Secret>>;

/// What is wrong with a URL that a credential is asked from: the end of a sentence that does not show it. It must be
/// https; http only to this machine and, if `metadata` says so, to a metadata service. Empty: nothing is wrong.
std::string token_url_fault(std::string_view url, bool metadata = false);

/// Its host is a metadata service's.
bool is_metadata_url(std::string_view url);

}  // namespace recloser::providers
