#include "net/connect.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace recloser::net {

using namespace std::chrono_literals;

namespace {

constexpr auto fresh_for = 30s;
constexpr auto usable_for = 5min;
constexpr auto failure_for = 1s;
constexpr auto stagger = 250ms;         // RFC 8305 §5: Connection Attempt Delay
constexpr int max_lookups = 16;         // threads at once, over all workers
constexpr std::size_t max_cached = 256;

void set_port(address& where, std::uint16_t port) {
  if (where.storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(where.storage).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(where.storage).sin_port = htons(port);
  }
}

address make_v4(char const* text) {
  address result;
  auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
  v4.sin_family = AF_INET;
  inet_pton(AF_INET, text, &v4.sin_addr);
  result.size = sizeof v4;
  return result;
}

address make_v6(char const* text) {
  address result;
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
  v6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, text, &v6.sin6_addr);
  result.size = sizeof v6;
  return result;
}

/// IPv6 and IPv4 in turns, so that one broken family costs one stagger, not all of them.
void interleave(std::vector<address>& all) {
  std::vector<address> mixed;
  auto take = [&](int family) {
    auto const it = std::find_if(all.begin(), all.end(), [&](address const& a) { return a.storage.ss_family == family; });
    if (it == all.end()) return;
    mixed.push_back(*it);
    all.erase(it);
  };
  while (!all.empty()) {
    take(AF_INET6);
    take(AF_INET);
  }
  all = std::move(mixed);
}

/// One lookup, shared by the thread that makes it and the coroutine that waits.
struct lookup {
  std::mutex mutex;
  loop* owner = nullptr;    // null once the waiter has gone
  signal* waiter = nullptr;
  std::vector<address> addresses;
  std::string problem;
};

std::atomic<int> lookups_running{0};

void run_lookup(std::shared_ptr<lookup> job, std::string host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  int const failed = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  std::vector<address> found;
  for (addrinfo* a = list; a; a = a->ai_next) {
    address one;
    std::memcpy(&one.storage, a->ai_addr, a->ai_addrlen);
    one.size = a->ai_addrlen;
    found.push_back(one);
  }
  if (list) freeaddrinfo(list);
  interleave(found);
  --lookups_running;

  std::lock_guard const lock(job->mutex);
  job->addresses = std::move(found);
  if (failed) job->problem = gai_strerror(failed);
  if (job->owner) {
    job->owner->post([job] {
      std::lock_guard const relock(job->mutex);
      if (job->waiter) job->waiter->set();
    });
  }
}

}  // namespace

std::string to_string(address const& where) {
  char text[INET6_ADDRSTRLEN] = "";
  if (where.storage.ss_family == AF_INET6) {
    auto const& v6 = reinterpret_cast<sockaddr_in6 const&>(where.storage);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  auto const& v4 = reinterpret_cast<sockaddr_in const&>(where.storage);
  inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
}

bool is_forbidden(address const& where) {
  if (where.storage.ss_family == AF_INET6) {
    auto const& bytes = reinterpret_cast<sockaddr_in6 const&>(where.storage).sin6_addr.s6_addr;
    static constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::memcmp(bytes, mapped, 12) == 0) return bytes[12] == 169 && bytes[13] == 254;
    static constexpr unsigned char ec2[16] = {0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54};
    return std::memcmp(bytes, ec2, 16) == 0;
  }
  auto const host = ntohl(reinterpret_cast<sockaddr_in const&>(where.storage).sin_addr.s_addr);
  return host >> 16 == 0xA9FE /* 169.254.0.0/16 */ || host == 0x646464C8 /* 100.100.100.200 */;
}

std::vector<address> literal_addresses(std::string const& host, std::uint16_t port) {
  std::vector<address> result;
  in6_addr ignored;
  if (host == "localhost") {
    result = {make_v4("127.0.0.1"), make_v6("::1")};  // most local servers listen on the first
  } else if (inet_pton(AF_INET, host.c_str(), &ignored) == 1) {
    result = {make_v4(host.c_str())};
  } else if (inet_pton(AF_INET6, host.c_str(), &ignored) == 1) {
    result = {make_v6(host.c_str())};
  }
  for (address& a : result) set_port(a, port);
  return result;
}

resolver::entry* resolver::find(std::string const& host) {
  auto const it = std::find_if(cache_.begin(), cache_.end(), [&](entry const& e) { return e.host == host; });
  return it == cache_.end() ? nullptr : &*it;
}

void resolver::distrust(std::string const& host) {
  if (entry* known = find(host)) known->fresh_until = {};
}

task<std::vector<address>> resolver::resolve(std::string host, std::uint16_t port, milliseconds limit,
                                             cancel_scope& scope, std::string& problem) {
  std::vector<address> result = literal_addresses(host, port);
  if (!result.empty()) co_return result;

  entry* known = find(host);
  if (!known || known->fresh_until <= owner_.now()) {
    auto const job = std::make_shared<lookup>();
    signal done(owner_);
    job->owner = &owner_;
    job->waiter = &done;
    if (++lookups_running > max_lookups) {
      --lookups_running;
      job->problem = "too many lookups are waiting for the name server";
    } else {
      std::thread(run_lookup, job, host).detach();
      alarm limiter(owner_, [&done] { done.set(); });
      limiter.after(limit);
      cancel_scope::guard const guard(scope, done);
      co_await done;
    }
    {
      std::lock_guard const lock(job->mutex);
      job->owner = nullptr;
      job->waiter = nullptr;
      result = job->addresses;
      problem = result.empty() && job->problem.empty() ? "no answer from the name server" : job->problem;
    }
    known = find(host);
    if (!known && cache_.size() < max_cached) known = &cache_.emplace_back(entry{host, {}, {}, {}, {}});
    if (known && !result.empty()) {
      *known = {host, result, owner_.now() + fresh_for, owner_.now() + usable_for, {}};
    } else if (known) {
      known->fresh_until = owner_.now() + failure_for;
      known->problem = problem;
      if (known->usable_until <= owner_.now()) known->addresses.clear();
    }
  }
  if (known) {
    result = known->addresses;
    problem = known->problem;
  }
  for (address& a : result) set_port(a, port);
  co_return result;
}

namespace {

/// The attempts to reach one of several addresses. Shared: a loser may outlive the winner's caller.
struct race {
  explicit race(loop& owner) : owner(owner), changed(owner) {}
  loop& owner;
  signal changed;
  std::unique_ptr<stream> winner;
  io_error last_error = io_error::refused;
  int running = 0;
  bool over = false;
};

task<> attempt(std::shared_ptr<race> shared, address where, time_point deadline) {
  int const fd = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  io_error error = io_error::none;
  std::unique_ptr<stream> made;
  if (fd < 0) {
    error = io_error::reset;
  } else {
    int const on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    int const refused = ::connect(fd, reinterpret_cast<sockaddr const*>(&where.storage), where.size) == 0 ? 0 : errno;
    made = std::make_unique<stream>(shared->owner, fd);
    if (refused && refused != EINPROGRESS) {
      error = io_error::refused;
    } else if (refused) {
      made->io().expires_at(deadline);
      wake const woken = co_await made->io().writable();
      int problem = 0;
      socklen_t size = sizeof problem;
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
      if (woken == wake::expired) error = io_error::expired;
      else if (problem == ECONNREFUSED) error = io_error::refused;
      else if (problem) error = io_error::reset;
    }
  }
  --shared->running;
  if (shared->over) co_return;
  if (error == io_error::none && !shared->winner) shared->winner = std::move(made);
  if (error != io_error::none) shared->last_error = error;
  shared->changed.set();
}

}  // namespace

task<connected> connect(loop& owner, std::vector<address> addresses, time_point deadline, cancel_scope& scope) {
  auto const shared = std::make_shared<race>(owner);
  alarm next_turn(owner, [&] { shared->changed.set(); });
  cancel_scope::guard const guard(scope, shared->changed);
  std::size_t started = 0;
  while (!shared->winner && !scope.cancelled()) {
    if (started < addresses.size()) {
      ++shared->running;
      spawn(attempt(shared, addresses[started++], deadline), [](std::exception_ptr) {});
      if (shared->winner) break;
      if (shared->running == 0) continue;  // failed at once: the next one now
      if (started < addresses.size()) next_turn.after(stagger);
    } else if (shared->running == 0) {
      break;
    }
    co_await shared->changed;
  }
  shared->over = true;
  connected result;
  if (scope.cancelled()) {
    result.error = io_error::cancelled;
  } else if (shared->winner) {
    result.stream = std::move(shared->winner);
    result.stream->io().never_expires();
  } else {
    result.error = shared->last_error;
  }
  co_return result;
}

}  // namespace recloser::net
