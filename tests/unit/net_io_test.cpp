// The parts of net/ that wait, on a real loop over loopback and socket pairs. Nothing here sleeps to wait for a state.

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/exchange.hpp"

namespace recloser::net {
namespace {

using namespace std::chrono_literals;

/// Runs `work` on `on` until it is done; fails when that takes longer than ten seconds.
void run(loop& on, task<> work) {
  bool finished = false;
  auto all = [](loop& l, task<> w, bool& done) -> task<> {
    co_await std::move(w);
    done = true;
    l.stop();
  };
  alarm limit(on, [&] { on.stop(); });
  limit.after(10s);
  spawn(all(on, std::move(work), finished), [](std::exception_ptr e) { std::rethrow_exception(e); });
  on.run();
  EXPECT_TRUE(finished);
}

/// Two ends of a connection; ours is a stream.
struct pair_of_sockets {
  explicit pair_of_sockets(loop& owner) {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    ours = std::make_unique<stream>(owner, fds[0]);
    theirs = fds[1];
  }
  ~pair_of_sockets() { close_theirs(); }
  void close_theirs() {
    if (theirs >= 0) ::close(theirs);
    theirs = -1;
  }
  void say(std::string_view text) { EXPECT_EQ(::write(theirs, text.data(), text.size()), static_cast<ssize_t>(text.size())); }
  std::string heard() {
    char buffer[4096];
    ssize_t const n = ::read(theirs, buffer, sizeof buffer);
    return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : std::string();
  }

  std::unique_ptr<stream> ours;
  int theirs = -1;
};

exchange make_exchange(pair_of_sockets& sockets, exchange_limits limits = {}) {
  leased connection;
  connection.stream = std::move(sockets.ours);
  return exchange(std::move(connection), limits);
}

struct answer {
  int status = 0;
  std::string body;
  io_error error = io_error::none;
  std::string problem;
  bool complete = false;
  bool reusable = false;
};

task<> read_answer(exchange& upstream, answer& out) {
  response_head head;
  out.error = co_await upstream.read_head(head);
  out.problem = upstream.problem();
  if (out.error != io_error::none || !out.problem.empty()) co_return;
  out.status = head.status;
  for (;;) {
    exchange::piece const got = co_await upstream.read_body();
    out.error = got.error;
    if (got.error != io_error::none || got.bytes.empty()) break;
    out.body += got.bytes;
  }
  out.problem = upstream.problem();
  out.complete = upstream.complete();
  out.reusable = upstream.take_reusable() != nullptr;
}

/// Says `bytes` in two pieces, cut at `cut`, the second only when the first has been read.
answer answer_cut_at(std::string const& bytes, std::size_t cut, bool close = false) {
  loop on;
  pair_of_sockets sockets(on);
  exchange upstream = make_exchange(sockets);
  answer out;
  sockets.say(bytes.substr(0, cut));
  alarm rest(on, [&] {
    sockets.say(bytes.substr(cut));
    if (close) sockets.close_theirs();
  });
  rest.after(1ms);
  run(on, read_answer(upstream, out));
  return out;
}

TEST(Exchange, ReadsAnAnswerHoweverItIsCut) {
  std::string const bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < bytes.size(); cut += 3) {
    answer const got = answer_cut_at(bytes, cut);
    EXPECT_EQ(got.status, 200) << cut;
    EXPECT_EQ(got.body, "hello world") << cut;
    EXPECT_TRUE(got.complete) << cut;
    EXPECT_TRUE(got.reusable) << cut;
  }
}

TEST(Exchange, TellsACutBodyFromAWholeOne) {
  answer const cut = answer_cut_at("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", 20, true);
  EXPECT_EQ(cut.error, io_error::end);
  EXPECT_FALSE(cut.complete);
  answer const whole = answer_cut_at("HTTP/1.1 200 OK\r\n\r\nhello", 18, true);
  EXPECT_EQ(whole.error, io_error::none);
  EXPECT_EQ(whole.body, "hello");
  EXPECT_TRUE(whole.complete);
  EXPECT_FALSE(whole.reusable);
}

TEST(Exchange, DoesNotReuseAConnectionThatIsOutOfStep) {
  answer const extra = answer_cut_at("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n", 30);
  EXPECT_EQ(extra.body, "hello");
  EXPECT_FALSE(extra.reusable);
  answer const closing = answer_cut_at("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", 30);
  EXPECT_FALSE(closing.reusable);
}

TEST(Exchange, GivesUpOnInterimAnswersWithoutEnd) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_NE(answer_cut_at(bytes, 30).problem, "");
}

TEST(Exchange, NamesTheClockThatFired) {
  loop on;
  pair_of_sockets sockets(on);
  exchange_limits limits;
  limits.first_byte = 20ms;
  exchange upstream = make_exchange(sockets, limits);
  io_error error = io_error::none;
  auto talk = [](exchange& e, io_error& out) -> task<> {
    std::array<std::string_view, 1> const pieces{"GET / HTTP/1.1\r\n\r\n"};
    out = co_await e.send(pieces);
    response_head head;
    out = co_await e.read_head(head);
  };
  run(on, talk(upstream, error));
  EXPECT_EQ(error, io_error::expired);
  EXPECT_EQ(upstream.clock(), clock_name::first_byte);
  EXPECT_EQ(sockets.heard(), "GET / HTTP/1.1\r\n\r\n");
}

TEST(CancelScope, EndsAWaitAtOnceAndStaysCancelled) {
  loop on;
  pair_of_sockets sockets(on);
  pair_of_sockets client(on);
  exchange upstream = make_exchange(sockets);
  cancel_scope scope;
  client.ours->io().on_close_cancel(&scope);
  alarm leave(on, [&] { client.close_theirs(); });
  leave.after(1ms);
  answer out;
  auto talk = [](cancel_scope& s, exchange& e, answer& a) -> task<> {
    cancel_scope::guard const guard(s, e.io());
    co_await read_answer(e, a);
  };
  run(on, talk(scope, upstream, out));
  EXPECT_EQ(out.error, io_error::cancelled);
  EXPECT_TRUE(scope.cancelled());
}

TEST(Stream, WritesMoreThanTheKernelTakesAtOnce) {
  loop on;
  pair_of_sockets sockets(on);
  std::string const large(3u << 20, 'x');
  std::size_t received = 0;
  alarm reader(on, [&] {
    char buffer[65536];
    ssize_t n;
    while ((n = ::read(sockets.theirs, buffer, sizeof buffer)) > 0) received += static_cast<std::size_t>(n);
    if (received < large.size()) reader.after(1ms);
  });
  reader.after(1ms);
  io_error error = io_error::reset;
  auto talk = [](stream& s, std::string const& text, io_error& out) -> task<> {
    std::array<std::string_view, 2> const pieces{std::string_view(text).substr(0, 10), std::string_view(text).substr(10)};
    out = co_await s.write_all(pieces);
  };
  run(on, talk(*sockets.ours, large, error));
  EXPECT_EQ(error, io_error::none);
  char buffer[65536];
  ssize_t n;
  while ((n = ::read(sockets.theirs, buffer, sizeof buffer)) > 0) received += static_cast<std::size_t>(n);
  EXPECT_EQ(received, large.size());
}

int listen_on_loopback(std::uint16_t& port) {
  int const fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&where), size), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size), 0);
  port = ntohs(where.sin_port);
  return fd;
}

struct connecting {
  io_error error = io_error::none;
  bool connected = false;
};

task<> connect_to(loop& on, std::string host, std::uint16_t port, connecting& out) {
  cancel_scope scope;
  net::connected made = co_await connect(on, literal_addresses(host, port), on.now() + 5s, scope);
  out.error = made.error;
  out.connected = made.stream != nullptr;
}

TEST(Connect, LocalhostWorksWhenOnlyOneFamilyListens) {
  std::uint16_t port = 0;
  int const fd = listen_on_loopback(port);
  ASSERT_EQ(::listen(fd, 8), 0);
  loop on;
  connecting out;
  run(on, connect_to(on, "localhost", port, out));
  EXPECT_TRUE(out.connected);
  ::close(fd);
}

TEST(Connect, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  int const fd = listen_on_loopback(port);  // bound, not listening: refuses
  loop on;
  connecting out;
  run(on, connect_to(on, "localhost", port, out));
  EXPECT_FALSE(out.connected);
  EXPECT_EQ(out.error, io_error::refused);
  ::close(fd);
}

TEST(Addresses, OfMetadataServicesAreForbidden) {
  for (char const* bad : {"169.254.169.254", "169.254.0.1", "100.100.100.200", "::ffff:169.254.169.254", "fd00:ec2::254"}) {
    EXPECT_TRUE(is_forbidden(literal_addresses(bad, 80).at(0))) << bad;
  }
  for (char const* good : {"127.0.0.1", "10.0.0.1", "::1", "8.8.8.8"}) {
    EXPECT_FALSE(is_forbidden(literal_addresses(good, 80).at(0))) << good;
  }
}

TEST(Pool, ReusesTheLastConnectionAndDropsClosedOnes) {
  std::uint16_t port = 0;
  int const listener = listen_on_loopback(port);
  ASSERT_EQ(::listen(listener, 8), 0);
  loop on;
  pool connections(on);
  origin where;
  where.key = "test";
  where.host = "127.0.0.1";
  where.port = port;
  bool first_reused = true;
  bool second_reused = false;
  bool third_reused = true;
  auto talk = [](pool& p, origin const& o, loop& l, int fd, bool& a, bool& b, bool& c) -> task<> {
    cancel_scope scope;
    leased one = co_await p.lease(o, false, scope);
    a = one.reused;
    int const theirs = ::accept(fd, nullptr, nullptr);
    p.give_back(o, std::move(one.stream));
    leased two = co_await p.lease(o, false, scope);
    b = two.reused;
    p.give_back(o, std::move(two.stream));
    ::close(theirs);
    co_await sleep(l, 1ms);  // one turn of the loop, so that the close is seen
    leased three = co_await p.lease(o, false, scope);
    c = three.reused;
  };
  run(on, talk(connections, where, on, listener, first_reused, second_reused, third_reused));
  EXPECT_FALSE(first_reused);
  EXPECT_TRUE(second_reused);
  EXPECT_FALSE(third_reused);
  ::close(listener);
}

}  // namespace
}  // namespace recloser::net
