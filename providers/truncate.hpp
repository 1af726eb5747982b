#pragma once
// A conversation that is too large for a provider, made to fit by leaving out its oldest turns.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace recloser::providers {

struct truncated {
  std::string body;
  std::size_t left_out = 0;  ///< messages
};

/// `body` (a checked chat request) with as few of its oldest turns left out as it takes to have at most `limit` bytes.
/// A turn is what a user said with everything that followed: a call of a tool never stays without its result, nor the
/// other way round. Words of the system or the developer stay, and so does the last turn. Nothing when that is still
/// too much.
std::optional<truncated> leave_out_oldest_turns(std::string_view body, std::size_t limit);

}  // namespace recloser::providers
