#include "providers/token_state.hpp"

#include <algorithm>

namespace recloser::providers {

namespace {

using std::chrono::seconds;

constexpr seconds refresh_margin{300};  // what the vendors' libraries use (providers-native.md §3.4, §4.2)
constexpr seconds last_margin{30};      // a request that starts now must still be taken when it arrives
/// A credential of this age is not replaced whatever it says of itself: our clock may be wrong, and a metadata server may
/// hand out the same one again (providers-native.md §3.4).
constexpr seconds youth{10};
constexpr seconds longest_backoff{60};
constexpr seconds longest_wish{300};

}  // namespace

token_state::step token_state::ask(wall_time now) const {
  if (held_ && (now < useless_at_ || is_new(now))) {
    bool const due = now >= refresh_at_ && !is_new(now);
    return due && may_try(now) ? step::refresh : step::use;
  }
  return may_try(now) ? step::fetch : step::fail;
}

void token_state::fetched(wall_time expires, wall_time now) {
  auto const lifetime = expires > now ? expires - now : seconds(0);
  held_ = true;
  fetched_at_ = now;
  refresh_at_ = expires - std::min(refresh_margin, lifetime / 4);
  useless_at_ = expires - std::min(last_margin, lifetime / 10);
  retry_at_ = {};
  failures_ = 0;
}

void token_state::failed(wall_time now, std::optional<std::chrono::milliseconds> retry_after) {
  constexpr int most_doublings = 6;  // 2^6 s is more than the longest
  auto wait = std::min(seconds(1 << std::min(failures_, most_doublings)), longest_backoff);
  ++failures_;
  if (retry_after) wait = std::clamp(std::chrono::ceil<seconds>(*retry_after), wait, longest_wish);
  retry_at_ = now + wait;
}

bool token_state::rejected(wall_time now) {
  if (held_ && is_new(now)) return false;
  held_ = false;
  return true;
}

/// A time further off than any wait that is given out means that the clock was set back.
bool token_state::may_try(wall_time now) const { return now >= retry_at_ || retry_at_ - now > longest_wish; }

bool token_state::is_new(wall_time now) const { return now >= fetched_at_ && now - fetched_at_ < youth; }

}  // namespace recloser::providers
