#pragma once
// One client connection: reads requests one after the other, strictly, and answers them. Owned by its coroutine.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/buffer.hpp"
#include "net/http1.hpp"
#include "net/stream.hpp"
#include "routing/attempt.hpp"
#include "server/access_log.hpp"
#include "server/worker.hpp"

namespace recloser::server {

struct endpoint;

/// A request as the endpoints see it. Views live until it is answered.
struct request {
  std::string_view method;
  std::string_view path;   ///< normalised: no query, no double or trailing slash, no `/v1` in front
  std::string rest;        ///< what follows a path that ends in `/*`, percent-decoded
  std::string_view body;   ///< padded for simdjson
  net::fields const* headers = nullptr;
  std::string_view key_name;  ///< of the client's key
};

class connection final : public routing::reply_sink {
 public:
  connection(worker& owner, std::unique_ptr<net::stream> stream, listening const& from);
  ~connection();

  /// Serves the connection to its end.
  net::task<> serve();

  // For the endpoints: answer the request at hand.
  net::task<net::io_error> reply(int status, std::string_view content_type, std::string_view body);
  /// `info`: when targets were tried, the answer names the last one.
  net::task<net::io_error> refuse(chat::fault const& what, routing::reply_info const* info = nullptr);

  // routing::reply_sink
  net::task<net::io_error> answer(routing::reply_info const& info, std::span<std::string_view const> body) override;
  net::task<net::io_error> begin_stream(routing::reply_info const& info, std::string_view first) override;
  net::task<net::io_error> stream(std::string_view bytes) override;
  net::task<net::io_error> end_stream(std::string_view last, bool clean) override;

  worker& owner() { return owner_; }
  net::cancel_scope& scope() { return *scope_; }
  net::descriptor& io() { return stream_->io(); }
  std::shared_ptr<routing::table const> const& table() const { return table_; }
  access_entry& entry() { return entry_; }
  net::time_point started() const { return started_; }
  bool replied() const { return replied_; }
  bool streaming() const { return streaming_; }
  void close_after_this() { keep_alive_ = false; }
  /// Names for the log, which outlive the endpoint's own.
  void finish_entry(std::string route, std::string target, std::string dropped) {
    entry_.route = route_ = std::move(route);
    entry_.target = target_ = std::move(target);
    entry_.dropped = dropped_ = std::move(dropped);
  }
  void set_session(std::string id) { entry_.session = session_ = std::move(id); }
  void set_endpoint(usage::endpoint_label where, usage::route_series const* series, usage::outcome_label how) {
    endpoint_ = where;
    series_ = series;
    how_ = how;
  }

  // For the worker's drain.
  bool idle() const { return idle_; }
  void cut();

  connection* next = nullptr;
  connection* previous = nullptr;

 private:
  enum class next_step { again, close };
  net::task<bool> read_head(net::request_head& head);
  net::task<next_step> serve_one(net::request_head const& head);
  std::optional<chat::fault> admit(net::request_head const& head, request& asked, endpoint const*& found);
  net::task<next_step> refuse_unread(chat::fault const& what, bool has_body);
  net::task<next_step> answer_options(net::request_head const& head, std::string_view allow);
  net::task<bool> read_body(net::request_head const& head, std::string_view& body);
  net::task<bool> read_sized_body(std::uint64_t length, std::string_view& body);
  net::task<bool> read_chunked_body(std::string_view& body);
  net::task<bool> read_more(net::time_point begun, std::size_t room);
  net::task<net::io_error> refuse_and_close(int status, std::string_view code, std::string_view reason);
  net::task<> linger();
  void settle();

  void begin_head(std::string& head, int status);
  void add_info(std::string& head, routing::reply_info const& info);
  void add_cors(std::string& head) const;
  void finish_head(std::string& head, std::string_view content_type, std::optional<std::size_t> length);
  net::task<net::io_error> send(std::span<std::string_view const> pieces);

  worker& owner_;
  listening const& from_;
  std::unique_ptr<net::stream> stream_;
  net::buffer in_;                    // the head at hand, what came with it, and pipelined requests
  net::buffer body_;                  // a body that did not come whole with its head
  std::optional<net::cancel_scope> scope_;
  std::shared_ptr<routing::table const> table_;

  // Of the request at hand.
  std::size_t used_ = 0;              // bytes of in_ that belong to it
  std::size_t body_used_ = 0;         // bytes of body_ that belong to it
  std::string request_id_;
  std::string allowed_origin_;        // CORS: the origin to name in the answer
  bool head_only_ = false;            // HEAD: no body
  bool keep_alive_ = false;
  bool http10_ = false;
  bool replied_ = false;
  bool streaming_ = false;
  bool idle_ = true;                  // waits for the first byte of a request
  bool first_request_ = true;
  net::time_point accepted_;
  net::time_point started_;
  access_entry entry_;
  std::string route_;
  std::string target_;
  std::string dropped_;
  std::string session_;
  usage::endpoint_label endpoint_ = usage::endpoint_label::other;
  usage::route_series const* series_ = nullptr;
  usage::outcome_label how_ = usage::outcome_label::ok;
};

}  // namespace recloser::server
