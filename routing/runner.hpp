#pragma once
// One attempt while it runs: attempt.cpp has what every provider needs, predictions.cpp what takes several exchanges.
// For these two files only.

#include <memory>
#include <span>
#include <string>

#include "dialects/dialect.hpp"
#include "dialects/replicate/predictions.hpp"
#include "routing/attempt.hpp"
#include "routing/origin.hpp"

namespace recloser::routing {

inline constexpr std::size_t max_whole_body = 64u << 20;

std::int64_t unix_now();
chat::fault network_fault(attempt const& one, net::io_error error, net::clock_name clock, std::string const& detail);
chat::fault bad_response(attempt const& one, std::string const& why);
chat::fault interrupted(attempt const& one, net::io_error error, net::clock_name clock);
/// Reads the rest of the body into `into`, up to `limit`.
net::task<net::io_error> read_rest(net::exchange& upstream, std::string& into, std::size_t limit, bool& too_large);

/// A prediction's stream does not say what it cost: its end is held back until that is known.
class late_usage final : public dialects::event_source {
 public:
  explicit late_usage(std::unique_ptr<dialects::event_source> from) : from_(std::move(from)) {}

  void feed(std::string_view bytes) override { from_->feed(bytes); }
  void finish() override {
    finished_ = true;
    from_->finish();
  }
  chat::fault const& fault() const override { return from_->fault(); }
  step next(chat::event& out) override;

  /// The end has been seen.
  bool reached() const { return reached_; }
  void set(chat::usage const& usage) { usage_ = usage; }

 private:
  std::unique_ptr<dialects::event_source> from_;
  chat::event end_;
  chat::usage usage_;
  bool reached_ = false;
  bool finished_ = false;
};

/// The running attempt: its exchange, its clock readings and its result.
class runner {
 public:
  explicit runner(attempt const& one) : one_(one) {}

  RECLOSER_OWN_FRAME net::task<attempt_result> run();

 private:
  RECLOSER_OWN_FRAME net::task<bool> show_credential();
  net::task<> connect_and_talk();
  /// Sends, reads the head, and all of the answer unless that is a stream: true, and the stream is next.
  RECLOSER_OWN_FRAME net::task<bool> talk();
  RECLOSER_OWN_FRAME net::task<> read_error(net::response_head const& head);
  net::task<> answer_made(chat::reply const& answer);
  RECLOSER_OWN_FRAME net::task<> read_whole(net::response_head const& head);
  RECLOSER_OWN_FRAME net::task<> read_stream(std::unique_ptr<dialects::reply_stream> reply);
  RECLOSER_OWN_FRAME net::task<> answer_whole(std::string_view body);
  RECLOSER_OWN_FRAME net::task<bool> pass_on(std::string_view bytes);
  RECLOSER_OWN_FRAME net::task<> end_stream(std::string& out);
  void fail(chat::fault what) { result_.fault = std::move(what); }
  void client_left() { fail(network_fault(one_, net::io_error::cancelled, {}, {})); }
  std::chrono::microseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(net::steady::now() - begun_);
  }
  reply_info info() const {
    reply_info all = one_.info;
    all.upstream += elapsed();
    return all;
  }
  void release();
  net::exchange_limits limits() const;

  // predictions.cpp
  RECLOSER_OWN_FRAME net::task<> predict();
  net::task<> follow(dialects::replicate::prediction made, std::string& body);
  net::task<> follow_stream(dialects::replicate::prediction const& made, parsed_url to, std::string target);
  net::task<bool> wait_for_end(std::string const& id, std::string& body);
  net::task<> answer_prediction(std::string_view body);
  net::task<> learn_usage();
  net::task<bool> get(std::string const& path, std::string& body);
  enum class heed { at_once, before_long };  // a client that leaves
  net::task<bool> exchange_whole(std::span<std::string_view const> pieces, std::string& body, heed client, bool fresh);

  attempt const& one_;
  attempt_result result_;
  std::string authorization_;  // header lines
  std::string project_;        // for `unknown_project`
  net::time_point const begun_ = net::steady::now();
  std::unique_ptr<net::exchange> upstream_;
  late_usage* late_ = nullptr;  // of a prediction's stream
  std::string prediction_id_;
  bool runs_on_ = false;  // the prediction, as far as we know
};

}  // namespace recloser::routing
