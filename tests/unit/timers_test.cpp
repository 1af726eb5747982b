#include "net/timers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace recloser::net {
namespace {

using namespace std::chrono_literals;

struct probe final : timer {
  int fired = 0;
  void fire() override { ++fired; }
};

class Timers : public testing::Test {
 protected:
  time_point const start{1000h};
  timer_wheel wheel{start};
};

TEST_F(Timers, FireWhenDueAndNotBefore) {
  probe p;
  wheel.arm(p, start + 50ms);
  wheel.advance(start + 49ms);
  EXPECT_EQ(p.fired, 0);
  wheel.advance(start + 70ms);
  EXPECT_EQ(p.fired, 1);
  EXPECT_FALSE(p.armed());
  wheel.advance(start + 10s);
  EXPECT_EQ(p.fired, 1);
}

TEST_F(Timers, AreWokenInTimeByNextDue) {
  probe p;
  EXPECT_EQ(wheel.next_due(), time_point::max());
  wheel.arm(p, start + 1234ms);
  // Follow next_due as the loop does: it must lead to the deadline without spinning.
  int steps = 0;
  while (p.armed() && steps < 100) {
    time_point const due = wheel.next_due();
    ASSERT_NE(due, time_point::max());
    wheel.advance(due);
    ++steps;
    if (p.armed()) EXPECT_LT(due, start + 1245ms);
  }
  EXPECT_EQ(p.fired, 1);
  EXPECT_LE(steps, 3);
}

TEST_F(Timers, MayMoveLaterWithoutFiringEarly) {
  probe p;
  wheel.arm(p, start + 50ms);
  wheel.arm(p, start + 500ms);
  wheel.advance(start + 499ms);
  EXPECT_EQ(p.fired, 0);
  wheel.advance(start + 520ms);
  EXPECT_EQ(p.fired, 1);
}

TEST_F(Timers, MayMoveEarlier) {
  probe p;
  wheel.arm(p, start + 5s);
  wheel.arm(p, start + 50ms);
  wheel.advance(start + 70ms);
  EXPECT_EQ(p.fired, 1);
}

TEST_F(Timers, MayBeFartherThanOneTurnOfTheWheel) {
  probe p;
  wheel.arm(p, start + 300s);
  for (int s = 1; s < 300; ++s) wheel.advance(start + std::chrono::seconds(s));
  EXPECT_EQ(p.fired, 0);
  wheel.advance(start + 301s);
  EXPECT_EQ(p.fired, 1);
}

TEST_F(Timers, MayBeDisarmedAndDestroyed) {
  probe p;
  wheel.arm(p, start + 50ms);
  timer_wheel::disarm(p);
  { probe gone; wheel.arm(gone, start + 50ms); }
  wheel.advance(start + 1s);
  EXPECT_EQ(p.fired, 0);
}

TEST_F(Timers, AgreeWithAListUnderRandomUse) {
  std::mt19937 random(7);
  std::vector<std::unique_ptr<probe>> probes;
  std::vector<time_point> due(200, time_point::max());
  for (int i = 0; i < 200; ++i) probes.push_back(std::make_unique<probe>());
  time_point now = start;
  for (int step = 0; step < 20'000; ++step) {
    std::size_t const i = random() % probes.size();
    if (random() % 4) {
      due[i] = now + milliseconds(random() % 9000);
      wheel.arm(*probes[i], due[i]);
    } else {
      due[i] = time_point::max();
      timer_wheel::disarm(*probes[i]);
    }
    now += milliseconds(random() % 20);
    for (auto& p : probes) p->fired = 0;
    wheel.advance(now);
    for (std::size_t k = 0; k < probes.size(); ++k) {
      if (probes[k]->fired) {
        EXPECT_LE(due[k], now);
        due[k] = time_point::max();
      } else if (due[k] != time_point::max()) {
        EXPECT_GT(due[k] + 20ms, now) << "overdue";
      }
    }
  }
}

}  // namespace
}  // namespace recloser::net
