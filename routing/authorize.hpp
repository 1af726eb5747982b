#pragma once
// The header lines that say whose a request is.

#include <span>
#include <string>
#include <string_view>

#include "routing/attempt.hpp"

namespace recloser::routing {

struct authorization {
  std::string lines;
  std::string project;  ///< goes where the request's path says `unknown_project`
};

/// For a credential that is fetched; others have their line ready (`credential::header`). Waits for the first fetch.
net::task<chat::result<authorization>> authorize(attempt const& one, std::string_view path,
                                                 std::span<std::string_view const> body);

}  // namespace recloser::routing
