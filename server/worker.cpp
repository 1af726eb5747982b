#include "server/worker.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/connect.hpp"
#include "server/connection.hpp"

namespace recloser::server {

using namespace std::chrono_literals;

namespace {

constexpr int backlog = 4096;
// Out of descriptors: an accept loop that spins would make it worse (resilience.md §6).
constexpr auto accept_pause = 100ms;

int open_listener(net::address const& where) {
  int const fd = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::system_category(), "socket");
  int const on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (where.storage.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  bool const ok = ::bind(fd, reinterpret_cast<sockaddr const*>(&where.storage), where.size) == 0 &&
                  ::listen(fd, backlog) == 0;
  if (!ok) {
    int const error = errno;
    ::close(fd);
    throw std::system_error(error, std::system_category(), net::to_string(where));
  }
  return fd;
}

net::task<> serve_connection(std::unique_ptr<connection> one) { co_await one->serve(); }

}  // namespace

shared::shared(config::config const& settings)
    : metrics("0.1.0"),
      no_route(metrics.route("none")),
      routing(std::make_shared<routing::shared_state>(metrics)),
      log(settings.server.access_log, STDOUT_FILENO) {}

std::vector<int> open_listeners(config::listener const& where) {
  std::vector<net::address> const addresses = net::literal_addresses(where.host, where.port);
  if (addresses.empty()) {
    throw std::system_error(EINVAL, std::system_category(), "server.listen: " + where.host + " is not an address");
  }
  std::vector<int> result;
  for (net::address const& a : addresses) {
    try {
      result.push_back(open_listener(a));
    } catch (std::system_error const& e) {
      // `localhost` is two addresses; a machine without IPv6 has only one of them.
      bool const missing = e.code().value() == EADDRNOTAVAIL || e.code().value() == EAFNOSUPPORT;
      if (!missing || (addresses.size() == 1 && !where.optional)) throw;
    }
  }
  return result;
}

struct worker::acceptor {
  acceptor(net::loop& owner, int fd, listening const& from) : io(owner, fd), from(from) {}
  net::descriptor io;
  listening const& from;
};

worker::worker(shared& all, std::vector<listening> const& where)
    : all_(all), pool_(loop_), drain_alarm_(loop_, [this] {
        cutting_ = true;
        for (connection* c = first_; c; c = c->next) c->cut();
      }),
      random_(std::random_device{}()) {
  pool_.when_quiet([this] { stop_if_drained(); });
  for (listening const& one : where) {
    for (int const fd : open_listeners(one.settings)) {
      acceptors_.push_back(std::make_unique<acceptor>(loop_, fd, one));
    }
  }
}

worker::~worker() = default;

void worker::run() {
  for (auto const& a : acceptors_) {
    net::spawn(accept_loop(*a), [](std::exception_ptr) { spdlog::critical("an accept loop has failed"); });
  }
  loop_.run();
  pool_.close_idle();
}

net::task<> worker::accept_loop(acceptor& from) {
  for (;;) {
    net::wake const woken = co_await from.io.readable();
    if (woken != net::wake::ready) co_return;
    std::size_t const most = all_.table()->settings().server.max_connections;
    int fd = -1;
    if (all_.connections.load(std::memory_order_relaxed) < most) {
      fd = ::accept4(from.io.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } else {
      errno = EMFILE;
    }
    if (fd >= 0) {
      int const on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto one = std::make_unique<connection>(*this, std::make_unique<net::stream>(loop_, fd), from.from);
      net::spawn(serve_connection(std::move(one)), [](std::exception_ptr what) {
        try {
          std::rethrow_exception(what);
        } catch (std::exception const& e) {
          spdlog::error("a connection ended with an exception: {}", e.what());
        }
      });
    } else if (errno == EAGAIN) {
      from.io.drained();
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      spdlog::warn("no room for more connections (limit of descriptors or server.max_connections); accepting again in 100 ms");
      co_await net::sleep(loop_, accept_pause);
    }
  }
}

void worker::drain(std::chrono::milliseconds limit) {
  loop_.post([this, limit] {
    if (std::exchange(draining_, true)) return;
    for (auto const& a : acceptors_) a->io.cancel();
    for (connection* c = first_; c; c = c->next) {
      if (c->idle()) c->io().cancel();
    }
    drain_alarm_.after(limit);
    stop_if_drained();
  });
}

void worker::cut() {
  loop_.post([this] { drain_alarm_.after(0ms); });
}

void worker::stop_if_drained() {
  if (!draining_ || first_ || !pool_.is_quiet()) return;
  loop_.stop();
}

std::string_view worker::http_date() {
  std::time_t const now = std::time(nullptr);
  if (now != date_second_) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::strftime(date_, sizeof date_, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_second_ = now;
  }
  return date_;
}

std::string worker::new_request_id() {
  static constexpr char hex[] = "0123456789abcdef";
  std::string id = "req_0123456789abcdef";
  std::uint64_t bits = random_();
  for (std::size_t i = 4; i < id.size(); ++i, bits >>= 4) id[i] = hex[bits & 15];
  return id;
}

void worker::add(connection& one) {
  one.next = first_;
  if (first_) first_->previous = &one;
  first_ = &one;
  all_.connections.fetch_add(1, std::memory_order_relaxed);
  all_.metrics.client_connections(1);
}

void worker::remove(connection& one) {
  (one.previous ? one.previous->next : first_) = one.next;
  if (one.next) one.next->previous = one.previous;
  all_.connections.fetch_sub(1, std::memory_order_relaxed);
  all_.metrics.client_connections(-1);
  stop_if_drained();
}

}  // namespace recloser::server
