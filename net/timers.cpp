#include "net/timers.hpp"

#include <algorithm>
#include <bit>

namespace recloser::net {

void timer::unlink() {
  if (!next_) return;
  next_->prev_ = prev_;
  prev_->next_ = next_;
  next_ = prev_ = nullptr;
}

timer_wheel::timer_wheel(time_point start) : start_(start) {
  for (slot& s : slots_) s.next_ = s.prev_ = &s;
}

void timer_wheel::link(timer& who) {
  // A tick later than the deadline's own: never early. What is farther away than one turn waits in its slot and is
  // looked at once per turn.
  std::int64_t const at = std::max(tick_of(who.due_) + 1, cursor_);
  who.slot_due_ = who.due_;
  std::size_t const index = static_cast<std::size_t>(at) % slot_count;
  occupied_[index / 64] |= std::uint64_t{1} << (index % 64);
  timer& head = slots_[index];
  who.prev_ = head.prev_;
  who.next_ = &head;
  head.prev_->next_ = &who;
  head.prev_ = &who;
}

void timer_wheel::arm(timer& who, time_point due) {
  who.due_ = due;
  if (who.armed() && due >= who.slot_due_) return;  // found too early in its slot, it moves on then
  who.unlink();
  link(who);
}

void timer_wheel::advance(time_point now) {
  std::int64_t const last = tick_of(now);
  // After a long sleep one turn sees every slot.
  std::int64_t const first = std::max(cursor_, last - static_cast<std::int64_t>(slot_count) + 1);
  for (std::int64_t at = first; at <= last; ++at) {
    cursor_ = at + 1;
    std::size_t const index = static_cast<std::size_t>(at) % slot_count;
    occupied_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
    timer& head = slots_[index];
    if (head.next_ == &head) continue;
    // Detach the list, so that what fires may arm and disarm freely.
    slot batch;
    batch.next_ = head.next_;
    batch.prev_ = head.prev_;
    batch.next_->prev_ = batch.prev_->next_ = &batch;
    head.next_ = head.prev_ = &head;
    while (batch.next_ != &batch) {
      timer& who = *batch.next_;
      who.unlink();
      if (who.due_ <= now) {
        who.fire();
      } else {
        link(who);
      }
    }
    batch.next_ = batch.prev_ = nullptr;
  }
}

time_point timer_wheel::next_due() const {
  // The first occupied slot at or after the cursor, once around: whole words, the cursor's own word first and last.
  std::size_t const from = static_cast<std::size_t>(cursor_) % slot_count;
  std::uint64_t const mask = ~std::uint64_t{0} << (from % 64);
  for (std::size_t step = 0; step <= occupied_.size(); ++step) {
    std::size_t const word = (from / 64 + step) % occupied_.size();
    std::uint64_t bits = occupied_[word];
    if (step == 0) bits &= mask;
    if (step == occupied_.size()) bits &= ~mask;
    if (!bits) continue;
    std::size_t const index = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    return start_ + (cursor_ + static_cast<std::int64_t>((index + slot_count - from) % slot_count)) * tick;
  }
  return time_point::max();
}

}  // namespace recloser::net
