#include "net/loop.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace recloser::net {

namespace {
constexpr int batch = 256;  // events taken from the kernel at once
}

descriptor::descriptor(loop& owner, int fd) : owner_(owner), fd_(fd) {
  epoll_event ev{};
  ev.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  ev.data.ptr = this;
  if (epoll_ctl(owner_.epoll_, EPOLL_CTL_ADD, fd_, &ev) != 0) {
    int const error = errno;
    ::close(fd_);
    throw std::system_error(error, std::system_category(), "epoll_ctl");
  }
}

descriptor::~descriptor() {
  owner_.forget(this);
  ::close(fd_);  // leaves the epoll set with it
}

void descriptor::expires_at(time_point due) {
  expired_ = false;
  owner_.timers().arm(*this, due);
}

void descriptor::never_expires() {
  expired_ = false;
  timer_wheel::disarm(*this);
}

void descriptor::cancel() {
  cancelled_ = true;
  wake_waiters();
}

void descriptor::on_close_cancel(cancellable* victim) {
  close_victim_ = victim;
  if (victim && peer_closed_) victim->cancel();
}

void descriptor::wake_waiters() {
  // Not resumed here: the caller may be a coroutine that the resumed one destroys.
  if (reader_) owner_.schedule(std::exchange(reader_, {}));
  if (writer_) owner_.schedule(std::exchange(writer_, {}));
}

void descriptor::fire() {
  expired_ = true;
  wake_waiters();
}

void descriptor::handle(std::uint32_t events) {
  bool const closed = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
  if (closed) {
    peer_closed_ = true;
    if (close_victim_) {
      // Nobody reads what is written now: a blocked write ends too.
      close_victim_->cancel();
      cancel();
    }
  }
  if (closed || (events & EPOLLIN)) {
    readable_ = true;
    if (reader_) owner_.schedule(std::exchange(reader_, {}));
  }
  if ((events & EPOLLOUT) || (events & (EPOLLHUP | EPOLLERR))) {
    writable_ = true;
    if (writer_) owner_.schedule(std::exchange(writer_, {}));
  }
}

loop::loop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      now_(steady::now()),
      timers_(now_),
      events_(batch) {
  if (epoll_ < 0 || wakeup_ < 0) throw std::system_error(errno, std::system_category(), "event loop");
  epoll_event ev{};
  ev.events = EPOLLIN;
  ev.data.ptr = nullptr;  // the only event without a descriptor
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &ev);
}

loop::~loop() {
  ::close(wakeup_);
  ::close(epoll_);
}

int loop::wait_ms() const {
  if (!ready_.empty()) return 0;
  time_point const due = timers_.next_due();
  if (due == time_point::max()) return -1;
  auto const left = std::chrono::ceil<milliseconds>(due - now_);
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void loop::run() {
  while (!stopped_) {
    event_count_ = epoll_wait(epoll_, events_.data(), batch, wait_ms());
    now_ = steady::now();
    for (int i = 0; i < event_count_; ++i) {
      if (auto* who = static_cast<descriptor*>(events_[i].data.ptr)) {
        who->handle(events_[i].events);
        run_ready();
      } else if (events_[i].events) {
        run_posted();
        run_ready();
      }
    }
    event_count_ = 0;
    timers_.advance(now_);
    run_ready();
  }
}

void loop::run_ready() {
  // Resuming may schedule more; take them in order until none is left.
  for (std::size_t i = 0; i < ready_.size(); ++i) ready_[i].resume();
  ready_.clear();
}

void loop::run_posted() {
  std::uint64_t count;
  [[maybe_unused]] auto const n = ::read(wakeup_, &count, sizeof count);
  std::vector<std::function<void()>> work;
  {
    std::lock_guard const lock(posted_mutex_);
    work.swap(posted_);
  }
  for (auto& w : work) w();
}

void loop::post(std::function<void()> work) {
  {
    std::lock_guard const lock(posted_mutex_);
    posted_.push_back(std::move(work));
  }
  std::uint64_t const one = 1;
  [[maybe_unused]] auto const n = ::write(wakeup_, &one, sizeof one);
}

void loop::stop() {
  post([this] { stopped_ = true; });
}

void loop::forget(descriptor* gone) {
  // Later events of this batch may still point to it. `events = 0` marks them as nobody's.
  for (int i = 0; i < event_count_; ++i) {
    if (events_[i].data.ptr == gone) events_[i] = epoll_event{};
  }
}

}  // namespace recloser::net
