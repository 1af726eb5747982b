#pragma once
// One HTTP/1.1 request on an upstream connection and its answer, pulled piece by piece: not pulling is back-pressure.

#include <memory>
#include <span>
#include <string>

#include "net/http1.hpp"
#include "net/pool.hpp"

namespace recloser::net {

/// Where reads land: one buffer per thread, shared by all its connections, so that a connection that waits costs no
/// buffer. What is in it is gone at the next wait. Padded for simdjson.
std::span<char> scratch();

struct exchange_limits {
  milliseconds send{30'000};
  milliseconds first_byte{120'000};
  milliseconds idle{300'000};
  time_point deadline = time_point::max();  ///< `total`: ends any of them
  std::size_t head = 64 * 1024;
};

/// How far it got, for deciding whether another attempt is safe (resilience.md §2).
enum class exchange_state { unsent, sending, sent, head_read, body_read };

class exchange {
 public:
  exchange(leased connection, exchange_limits limits)
      : connection_(std::move(connection)), limits_(limits) {}

  descriptor& io() { return connection_.stream->io(); }
  bool reused() const { return connection_.reused; }
  exchange_state state() const { return state_; }
  clock_name clock() const { return clock_; }      ///< which one fired, after io_error::expired
  std::string const& problem() const { return problem_; }  ///< why an answer could not be read

  /// Sends the request. The pieces outlive the call.
  task<io_error> send(std::span<std::string_view const> pieces);

  /// Reads the answer's head, skipping 1xx. `head` views bytes that are gone at the next wait.
  /// Not HTTP at all: io_error::none with `problem()` set.
  task<io_error> read_head(response_head& head);

  /// The next piece of the body, or empty at its end (`complete()`). Gone at the next wait.
  struct piece {
    io_error error = io_error::none;
    std::string_view bytes;
  };
  task<piece> read_body() { return read_body(limits_.idle); }
  /// The same with a wait of its own: io_error::expired after `patience`, and reading may go on.
  task<piece> read_body(milliseconds patience);
  /// What of the body came with the head, without waiting; also empty when nothing did.
  std::string_view take_buffered();
  bool complete() const { return decoder_.done() || ended_; }

  /// The connection, when it may serve another request; null otherwise.
  std::unique_ptr<stream> take_reusable();

 private:
  time_point until(milliseconds limit, clock_name which);
  io_error name_clock(io_error error);

  leased connection_;
  exchange_limits limits_;
  exchange_state state_ = exchange_state::unsent;
  clock_name armed_ = clock_name::none;
  clock_name clock_ = clock_name::none;
  std::string problem_;
  std::string head_bytes_;        // a head that came in several reads
  std::span<char> buffered_;      // body bytes that came with the head
  body_decoder decoder_;
  bool keep_alive_ = false;
  bool ended_ = false;            // a body that ends with the connection has ended
};

}  // namespace recloser::net
