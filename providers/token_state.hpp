#pragma once
// When a fetched credential is used, renewed or waited for. Holds no credential and no clock: the time is given in, and
// making one fetch at a time is its owner's business.

#include <chrono>
#include <optional>

#include "providers/wall_time.hpp"

namespace recloser::providers {

/// For answers that do not say how long their credential lives.
inline constexpr std::chrono::seconds unknown_lifetime{600};

class token_state {
 public:
  enum class step {
    use,      ///< what is at hand is good
    refresh,  ///< it is good; renew it beside the request
    fetch,    ///< there is none: fetch one and let the request wait for it
    fail,     ///< there is none, and the last fetch failed a moment ago: `retry_at` says when the next is due
  };
  step ask(wall_time now) const;

  void fetched(wall_time expires, wall_time now);

  /// A fetch failed. What is at hand stays; the next try is a back-off away, or as long as the server wished.
  void failed(wall_time now, std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

  /// The provider refused the credential (401, `ExpiredTokenException`). True: it is dropped, `fetch` a new one and try
  /// again. False: it is so new that another would fare no better.
  bool rejected(wall_time now);

  wall_time retry_at() const { return retry_at_; }

 private:
  bool may_try(wall_time now) const;
  bool is_new(wall_time now) const;

  bool held_ = false;
  wall_time fetched_at_{};
  wall_time refresh_at_{};
  wall_time useless_at_{};
  wall_time retry_at_{};
  int failures_ = 0;
};

}  // namespace recloser::providers
