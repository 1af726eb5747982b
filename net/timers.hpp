#pragma once
// Deadlines, many and cheap: a wheel of 10 ms slots. Arming, moving and disarming cost a few instructions and no system
// call; a deadline that only moves later (an idle clock, once per chunk) costs one store. Fires up to 10 ms late, never
// early. One thread.

#include <array>
#include <chrono>
#include <cstdint>

namespace recloser::net {

using steady = std::chrono::steady_clock;
using time_point = steady::time_point;
using std::chrono::milliseconds;

class timer_wheel;

/// Something with a deadline. Derive and override `fire`.
class timer {
 public:
  timer() = default;
  timer(timer const&) = delete;
  timer& operator=(timer const&) = delete;
  bool armed() const { return next_ != nullptr; }

 protected:
  ~timer() { unlink(); }
  virtual void fire() = 0;

 private:
  friend class timer_wheel;
  void unlink();

  timer* next_ = nullptr;  // slot lists are circular with the slot's own node
  timer* prev_ = nullptr;
  time_point due_{};
  time_point slot_due_{};  // what the slot was chosen for; due_ may have moved later since
};

class timer_wheel {
 public:
  explicit timer_wheel(time_point start);

  void arm(timer& who, time_point due);
  static void disarm(timer& who) { who.unlink(); }

  /// Fires everything that is due. A fired timer is disarmed first and may be armed again.
  void advance(time_point now);

  /// When `advance` should be called next, or time_point::max() when nothing is armed.
  time_point next_due() const;

 private:
  static constexpr milliseconds tick{10};
  static constexpr std::size_t slot_count = 512;
  struct slot final : timer {
    void fire() override {}
  };

  std::int64_t tick_of(time_point when) const { return (when - start_) / tick; }
  void link(timer& who);

  time_point start_;
  std::int64_t cursor_ = 0;  // first tick that has not been looked at
  std::array<slot, slot_count> slots_;
  std::array<std::uint64_t, slot_count / 64> occupied_{};  // a set bit may be stale, a clear one never is
};

}  // namespace recloser::net
