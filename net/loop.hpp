#pragma once
// The event loop of one worker thread: edge-triggered epoll, deadlines, work from other threads. Every descriptor is
// registered once for its whole life, so waiting costs no system call (docs/adr/0001 has the figures and why not Asio).
// Everything here belongs to the loop's thread, but for `post` and `stop`.

#include <coroutine>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include <sys/epoll.h>

#include "net/cancel.hpp"
#include "net/timers.hpp"

namespace recloser::net {

/// How a wait ended.
enum class wake { ready, expired, cancelled };

class loop;

/// A non-blocking socket and what is known of it. Owns and closes it.
class descriptor final : timer, public cancellable {
 public:
  /// Registers `fd` with the loop. Throws std::system_error when the kernel refuses.
  descriptor(loop& owner, int fd);
  ~descriptor();

  int fd() const { return fd_; }
  loop& owner() const { return owner_; }

  struct waiter {
    descriptor& self;
    bool descriptor::*ready;
    std::coroutine_handle<> descriptor::*slot;
    bool await_ready() const { return self.*ready || self.cancelled_ || self.expired_; }
    void await_suspend(std::coroutine_handle<> h) { self.*slot = h; }
    wake await_resume() {
      if (self.cancelled_) return wake::cancelled;
      if (self.expired_) return wake::expired;
      return wake::ready;
    }
  };
  /// Waits until a read (a write) may succeed, the deadline passes or someone cancels. One waiter each.
  waiter readable() { return {*this, &descriptor::readable_, &descriptor::reader_}; }
  waiter writable() { return {*this, &descriptor::writable_, &descriptor::writer_}; }

  /// The last read (write) found nothing more to do: wait for the next edge.
  void drained() { readable_ = peer_closed_; }
  void filled() { writable_ = false; }

  /// Deadline for every wait until it is set again. Clears an earlier expiry.
  void expires_at(time_point due);
  void never_expires();

  /// Ends the current wait and every later one. Safe from inside any other coroutine of this loop.
  void cancel() override;
  bool cancelled() const { return cancelled_; }

  /// The peer has closed its side, or the connection is broken.
  bool peer_closed() const { return peer_closed_; }
  /// Bytes (or the end) have arrived that nobody has read.
  bool has_unread() const { return readable_; }
  /// When the peer closes, `victim` is cancelled: that is how a leaving client stops its upstream request although
  /// nobody reads from the client. nullptr ends it.
  void on_close_cancel(cancellable* victim);

 private:
  friend class loop;
  void fire() override;
  void handle(std::uint32_t events);
  void wake_waiters();

  loop& owner_;
  int fd_;
  bool readable_ = false;
  bool writable_ = false;
  bool peer_closed_ = false;
  bool cancelled_ = false;
  bool expired_ = false;
  std::coroutine_handle<> reader_;
  std::coroutine_handle<> writer_;
  cancellable* close_victim_ = nullptr;
};

class loop {
 public:
  loop();
  ~loop();
  loop(loop const&) = delete;
  loop& operator=(loop const&) = delete;

  /// Serves events until `stop`.
  void run();

  // From any thread:
  void stop();
  void post(std::function<void()> work);

  /// The time at which the current batch of events arrived. Cheap; at most one batch old.
  time_point now() const { return now_; }
  timer_wheel& timers() { return timers_; }

  /// Resumes `who` after the event at hand, from the loop itself.
  void schedule(std::coroutine_handle<> who) { ready_.push_back(who); }

 private:
  friend class descriptor;
  void forget(descriptor* gone);
  void run_ready();
  void run_posted();
  int wait_ms() const;

  int epoll_;
  int wakeup_;  // eventfd
  time_point now_;
  timer_wheel timers_;
  std::vector<std::coroutine_handle<>> ready_;
  std::vector<epoll_event> events_;
  int event_count_ = 0;
  bool stopped_ = false;

  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
};

/// A wait that another coroutine of the same loop ends: one waiter, may be set before it waits.
class signal final : public cancellable {
 public:
  explicit signal(loop& owner) : owner_(owner) {}
  void cancel() override { set(); }
  void set() {
    set_ = true;
    if (waiter_) owner_.schedule(std::exchange(waiter_, {}));
  }
  bool await_ready() const { return set_; }
  void await_suspend(std::coroutine_handle<> h) { waiter_ = h; }
  void await_resume() { set_ = false; }

 private:
  loop& owner_;
  bool set_ = false;
  std::coroutine_handle<> waiter_;
};

/// Calls a function at a time. Destroying it disarms it.
class alarm final : timer {
 public:
  alarm(loop& owner, std::function<void()> ring) : owner_(owner), ring_(std::move(ring)) {}
  void at(time_point due) { owner_.timers().arm(*this, due); }
  void after(milliseconds wait) { at(owner_.now() + wait); }
  void off() { timer_wheel::disarm(*this); }
  using timer::armed;

 private:
  void fire() override { ring_(); }
  loop& owner_;
  std::function<void()> ring_;
};

/// `co_await sleep(loop, 50ms)`.
class sleep final : timer {
 public:
  sleep(loop& owner, milliseconds wait) : owner_(owner), wait_(wait) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    waiter_ = h;
    owner_.timers().arm(*this, owner_.now() + wait_);
  }
  void await_resume() {}

 private:
  void fire() override { owner_.schedule(waiter_); }
  loop& owner_;
  milliseconds wait_;
  std::coroutine_handle<> waiter_;
};

}  // namespace recloser::net
