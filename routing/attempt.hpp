#pragma once
// One upstream request on one lane, from the connection to its outcome. The dispatcher decides what to try; this does it.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/stream.hpp"
#include "net/exchange.hpp"
#include "net/pool.hpp"
#include "routing/table.hpp"

namespace recloser::routing {

/// What a request needs of its worker.
struct worker_context {
  net::loop& loop;
  net::pool& pool;
  usage::metrics& metrics;
};

/// A client's request on its way through the dispatcher.
struct call {
  providers::client_request request;
  std::string_view model;  ///< what the client wrote in `model`, decoded
  std::string_view owner;  ///< the client's key and session: whose turns the vault keeps
  net::cancel_scope* scope = nullptr;
  net::time_point started;
};

/// What the client is told beside the body.
struct reply_info {
  std::string_view target;
  int attempts = 0;
  std::vector<std::string> const* dropped = nullptr;
  std::chrono::microseconds upstream{0};  ///< spent waiting for providers so far
};

/// The client's side of an answer: the edge implements it. Each call returns when the bytes are with the kernel.
/// The first call is the commit point.
class reply_sink {
 public:
  virtual net::task<net::io_error> answer(reply_info const& info, std::span<std::string_view const> body) = 0;
  virtual net::task<net::io_error> begin_stream(reply_info const& info, std::string_view first) = 0;
  virtual net::task<net::io_error> stream(std::string_view bytes) = 0;
  /// Not clean: the client's connection is closed after it.
  virtual net::task<net::io_error> end_stream(std::string_view last, bool clean) = 0;

 protected:
  ~reply_sink() = default;
};

/// What became of an attempt. Exactly one per attempt.
struct attempt_result {
  std::optional<chat::fault> fault;  ///< none: it went well
  bool committed = false;            ///< bytes of an answer went to the client; no other attempt may follow
  bool never_sent = false;           ///< not a byte of the request left: another address of the provider may be tried
  bool stale = false;                ///< the server had closed an idle connection under us: once more, on a new one
  chat::usage usage;
  std::chrono::microseconds upstream{0};
  std::chrono::microseconds first_token{0};
};

struct attempt {
  worker_context& worker;
  call& client;
  reply_sink& sink;
  service const& provider;
  routing::endpoint const& where;
  routing::credential const& who;
  std::string_view model;
  providers::prepared const& prepared;
  routing::vault& vault;
  reply_info info;      ///< `upstream` is what earlier attempts took
  bool fresh_connection = false;
};

RECLOSER_OWN_FRAME net::task<attempt_result> run(attempt const& one);

/// The built-in demo provider answers here, without a network.
net::task<attempt_result> run_demo(call& client, reply_sink& sink, reply_info info);

}  // namespace recloser::routing
