#include "routing/attempt.hpp"

#include <array>
#include <memory>

#include "dialects/model_text/failed_call.hpp"
#include "dialects/model_text/filter.hpp"
#include "dialects/openai_chat/answer_reader.hpp"
#include "dialects/openai_chat/conversation.hpp"
#include "dialects/openai_chat/relay.hpp"
#include "dialects/replicate/predictions.hpp"
#include "dialects/translate.hpp"
#include "providers/encoding.hpp"
#include "routing/authorize.hpp"
#include "routing/cloud.hpp"
#include "routing/retry_after.hpp"
#include "routing/runner.hpp"

namespace recloser::routing {

using namespace std::chrono_literals;
using chat::fault;
using chat::fault_class;
using chat::fault_source;
using net::io_error;
using providers::text_reading;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t max_error_body = 256 * 1024;
// A stream is held back until its first content, so that an error right after the start can still fail over; a
// provider that says hello and then thinks is not held longer than this.
constexpr milliseconds hold_limit = 50ms;
// How long a finished stream may take to also end its HTTP body, so that the connection can be used again.
constexpr milliseconds linger_limit = 250ms;
// After a finish reason the usage chunk may follow; servers that keep the socket open are not waited for longer.
constexpr milliseconds tail_limit = 2s;

std::string where_text(attempt const& one) { return "`" + one.provider.name + "` at " + one.where.origin.authority; }

}  // namespace

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

fault network_fault(attempt const& one, io_error error, net::clock_name clock, std::string const& detail) {
  if (error == io_error::cancelled) return {fault_class::cancelled, fault_source::client, 499, "the client went away"};
  if (error == io_error::expired && clock != net::clock_name::connect && clock != net::clock_name::tls) {
    return {fault_class::timeout, fault_source::upstream, 504,
            "The provider " + where_text(one) + " did not answer in time (" + std::string(net::to_string(clock)) +
                " clock).",
            "upstream_" + std::string(net::to_string(clock)) + "_timeout"};
  }
  std::string code = "upstream_unreachable";
  if (error == io_error::expired) code = "upstream_" + std::string(net::to_string(clock)) + "_timeout";
  if (error == io_error::tls) code = "upstream_tls";
  std::string const why = detail.empty() ? std::string(net::to_string(error)) : detail;
  return {fault_class::network, fault_source::upstream, 502,
          "The provider " + where_text(one) + " cannot be reached: " + why + ".", std::move(code)};
}

fault bad_response(attempt const& one, std::string const& why) {
  return {fault_class::bad_response, fault_source::upstream, 502,
          "The answer of the provider " + where_text(one) + " cannot be used: " + why + ".", "bad_upstream_response"};
}

fault interrupted(attempt const& one, io_error error, net::clock_name clock) {
  if (error == io_error::cancelled) return network_fault(one, error, clock, {});
  if (error == io_error::expired) return network_fault(one, error, clock, {});
  return {fault_class::network, fault_source::upstream, 502,
          "The connection to the provider " + where_text(one) + " broke in the middle of the answer.",
          "stream_interrupted"};
}

/// Reads the rest of the body into `into`, up to `limit`.
net::task<io_error> read_rest(net::exchange& upstream, std::string& into, std::size_t limit, bool& too_large) {
  for (;;) {
    net::exchange::piece const got = co_await upstream.read_body();
    if (got.error != io_error::none) co_return got.error;
    if (got.bytes.empty()) co_return io_error::none;
    if (into.size() + got.bytes.size() > limit) {
      too_large = true;
      co_return io_error::none;
    }
    into.append(got.bytes);
  }
}

namespace {

bool is_stream(attempt const& one, net::response_head const& head) {
  auto const* const dialect = one.prepared.dialect;
  return head.fields.get("content-type").starts_with(dialect ? dialect->stream_type : "text/event-stream");
}

dialects::openai_chat::reply_options reply_options_of(attempt const& one) {
  dialects::openai_chat::reply_options options;
  options.reasoning_field = one.provider.row->reply.reasoning_field;
  options.repair = one.provider.row->reply.repair;
  options.usage_wanted = one.client.request.usage_wanted;
  return options;
}

void keep(attempt const& one, chat::turn_memory turn) {
  if (turn.model.empty()) turn.model = json::escaped(one.model);
  one.vault.keep(one.client.owner, one.info.target, std::move(turn), vault::clock::now());
}

std::unique_ptr<dialects::reply_stream> make_stream(attempt const& one) {
  auto const* const dialect = one.prepared.dialect;
  text_reading const* const text = one.prepared.text.get();
  std::unique_ptr<dialects::event_source> source;
  if (dialect) source = dialect->new_events();
  bool const remembers = one.prepared.remember;
  if (!dialect && (text || remembers)) source = dialects::openai_chat::new_events(one.provider.row->reply.reasoning_field);
  if (text) source = dialects::model_text::filter_events(std::move(source), *text->family, text->offered.tools);
  if (remembers) source = remember(std::move(source), [&one](chat::turn_memory turn) { keep(one, std::move(turn)); });
  bool const usage_wanted = one.client.request.usage_wanted;
  if (source) return dialects::translate_stream(std::move(source), unix_now(), usage_wanted, json::escaped(one.model));
  return dialects::openai_chat::new_relay_stream(reply_options_of(one));
}

/// A whole answer that is not relayed.
chat::result<chat::reply> read_reply(attempt const& one, std::string_view body) {
  auto const* const dialect = one.prepared.dialect;
  auto reply = dialect ? dialect->read_reply(body)
                       : dialects::openai_chat::read_reply(body, one.provider.row->reply.reasoning_field);
  if (text_reading const* const text = one.prepared.text.get(); reply && text) {
    dialects::model_text::filter_reply(*reply, *text->family, text->offered.tools);
  }
  if (reply && one.prepared.remember) keep(one, memory_of(*reply));
  if (reply && reply->model.empty()) reply->model = reply->store.keep(json::escaped(one.model));
  return reply;
}

/// What the provider refused because its own parser of tool calls could not read it, when ours can.
std::optional<chat::reply> rescue(attempt const& one, int status, std::string_view body) {
  if (status != 400 || !one.provider.row->reply.failed_calls) return std::nullopt;
  auto const wanted = dialects::openai_chat::read_request(*one.client.request.members);
  if (!wanted) return std::nullopt;
  auto answer = dialects::model_text::read_failed_call(body, dialects::model_text::family_of(one.model), wanted->tools);
  if (answer) answer->model = answer->store.keep(json::escaped(one.model));
  return answer;
}

/// Mistral: no waiting helps a key whose plan allows no request to this model (providers-openai-shaped.md §8).
bool plan_lacks_model(net::response_head const& head) {
  return head.status == 429 && head.fields.get("x-ratelimit-limit-req-minute") == "0";
}

std::string& spare_buffer() {
  thread_local std::string spare;
  return spare;
}

/// Finishes an HTTP body beside the request, so that its connection can be used again.
net::task<> linger(net::pool& pool, net::origin const where, std::unique_ptr<net::exchange> upstream) {
  while (!upstream->complete()) {
    net::exchange::piece const got = co_await upstream->read_body(linger_limit);
    if (got.error != io_error::none || got.bytes.empty()) break;
  }
  if (auto connection = upstream->take_reusable()) pool.give_back(where, std::move(connection));
  upstream.reset();
  pool.end_linger();
}

}  // namespace

net::task<attempt_result> runner::run() {
  bool const authorized = co_await show_credential();
  bool const predicts = one_.prepared.dialect == &dialects::replicate::predictions;
  if (authorized && predicts) {
    co_await predict();
  } else if (authorized) {
    co_await connect_and_talk();
  }
  release();
  result_.upstream = elapsed();
  co_return std::move(result_);
}

net::task<bool> runner::show_credential() {
  authorization_ = one_.who.header;
  if (!one_.who.fetched) co_return true;
  auto made = co_await authorize(one_, one_.prepared.path, one_.prepared.body);
  if (made) {
    authorization_ = std::move(made->lines);
    project_ = std::move(made->project);
  } else {
    result_.never_sent = true;
    fault what = made.error();
    if (what.what != fault_class::cancelled) {
      what.message = "There is no credential for the provider `" + one_.provider.name + "`: " + what.message;
    }
    if (what.what == fault_class::auth) what.code = "upstream_auth";
    fail(std::move(what));
  }
  co_return !result_.fault.has_value();
}

net::task<> runner::connect_and_talk() {
  net::leased connection = co_await one_.worker.pool.lease(one_.where.origin, one_.fresh_connection, *one_.client.scope);
  if (!connection.stream) {
    result_.never_sent = true;
    fail(network_fault(one_, connection.error, connection.clock, connection.problem));
  } else {
    one_.worker.metrics.upstream_connection(connection.reused);
    upstream_ = std::make_unique<net::exchange>(std::move(connection), limits());
    net::cancel_scope::guard const guard(*one_.client.scope, upstream_->io());
    bool const streams = co_await talk();
    if (streams) co_await read_stream(make_stream(one_));
  }
}

net::exchange_limits runner::limits() const {
  net::exchange_limits all = one_.provider.limits;
  all.deadline = one_.client.started + one_.provider.total;
  return all;
}

void runner::release() {
  if (!upstream_) return;
  if (auto connection = upstream_->take_reusable()) {
    one_.worker.pool.give_back(one_.where.origin, std::move(connection));
  } else if (!result_.fault && !upstream_->complete()) {
    one_.worker.pool.begin_linger();
    net::spawn(linger(one_.worker.pool, one_.where.origin, std::move(upstream_)), [](std::exception_ptr) {});
  }
}

net::task<bool> runner::talk() {
  std::size_t size = 0;
  for (std::string_view const piece : one_.prepared.body) size += piece.size();
  std::string head = one_.provider.post_head(one_.where, authorization_, one_.prepared.path);
  if (auto const at = project_.empty() ? std::string::npos : head.find(unknown_project); at != std::string::npos) {
    head.replace(at, unknown_project.size(), providers::percent_encode(project_));
  }
  head += std::to_string(size);
  head += "\r\n\r\n";
  std::vector<std::string_view> pieces;
  pieces.reserve(one_.prepared.body.size() + 1);
  pieces.push_back(head);
  pieces.insert(pieces.end(), one_.prepared.body.begin(), one_.prepared.body.end());

  // A send that fails may still have been answered: servers refuse large bodies early and close.
  io_error error = co_await upstream_->send(pieces);
  net::response_head answer;
  if (error == io_error::none || error == io_error::reset) {
    io_error const read_error = co_await upstream_->read_head(answer);
    error = read_error;
  }
  if (error != io_error::none) {
    bool const closed = error == io_error::end || error == io_error::reset;
    result_.stale = closed && upstream_->reused() && upstream_->state() <= net::exchange_state::sent;
    fail(network_fault(one_, error, upstream_->clock(),
                       closed ? "it closed the connection without an answer" : std::string()));
    co_return false;
  }
  if (!upstream_->problem().empty()) {
    fail(bad_response(one_, upstream_->problem()));
  } else if (answer.status >= 300) {
    co_await read_error(answer);
  } else if (one_.client.request.stream && is_stream(one_, answer)) {
    co_return true;
  } else {
    co_await read_whole(answer);
  }
  co_return false;
}

net::task<> runner::read_error(net::response_head const& head) {
  int const status = head.status;
  auto const retry_after = read_retry_after(head.fields);
  bool const not_in_plan = plan_lacks_model(head);
  std::string const error_type(head.fields.get("x-amzn-errortype"));  // the head does not outlive the next wait
  std::string body;
  bool too_large = false;
  co_await read_rest(*upstream_, body, max_error_body, too_large);  // what is there of it will do
  if (status < 400) {
    fail(bad_response(one_, "it redirects (HTTP " + std::to_string(status) +
                                "), and redirects are never followed; correct base_url"));
    co_return;
  }
  if (auto const rescued = rescue(one_, status, body)) {
    co_await answer_made(*rescued);
    co_return;
  }
  auto const* const dialect = one_.prepared.dialect;
  fault what = dialect ? dialect->read_error(status, body, error_type) : dialects::openai_chat::read_error(status, body);
  if (retry_after) what.retry_after = retry_after;
  if (not_in_plan) {
    what.what = fault_class::model_missing;
    what.code = "model_not_found";
    what.message = "The plan of this key at the provider " + where_text(one_) + " does not have the model " +
                   std::string(one_.model) + ". It says: " + what.message;
    what.retry_after.reset();
  }
  fail(std::move(what));
}

/// An answer that is not the provider's bytes, whole or as a stream.
net::task<> runner::answer_made(chat::reply const& answer) {
  result_.usage = answer.usage;
  std::string text;
  if (one_.client.request.stream) {
    dialects::openai_chat::write_chunks(answer, unix_now(), one_.client.request.usage_wanted, text);
    co_await end_stream(text);
    co_return;
  }
  dialects::openai_chat::write_reply(answer, unix_now(), text);
  std::array<std::string_view, 1> const pieces = {text};
  result_.first_token = elapsed();
  result_.committed = true;
  reply_info const told = info();
  io_error const error = co_await one_.sink.answer(told, pieces);
  if (error != io_error::none) client_left();
}

net::task<> runner::read_whole(net::response_head const& head) {
  bool const promised_stream = is_stream(one_, head);
  // The usual small answer came whole with its head: it is read where it lies.
  std::string_view const first = upstream_->take_buffered();
  if (upstream_->complete() && !promised_stream) {
    co_await answer_whole(first);
    co_return;
  }
  std::string body(first);
  bool too_large = false;
  io_error const error = co_await read_rest(*upstream_, body, max_whole_body, too_large);
  if (error != io_error::none) {
    fail(interrupted(one_, error, upstream_->clock()));
  } else if (too_large) {
    fail(bad_response(one_, "it is larger than 64 MiB"));
  } else if (!upstream_->problem().empty()) {
    fail(bad_response(one_, upstream_->problem()));
  } else if (promised_stream) {
    fail(bad_response(one_, "it is an event stream although none was asked for"));
  } else {
    std::size_t const size = body.size();
    body.resize(size + json::padding);
    co_await answer_whole(std::string_view(body).substr(0, size));
  }
}

net::task<> runner::answer_whole(std::string_view body) {
  std::array<std::string_view, 1> translated;
  std::string text;
  dialects::openai_chat::relayed_reply relayed;
  std::span<std::string_view const> pieces;
  if (one_.prepared.dialect || one_.prepared.text || one_.prepared.remember) {
    auto reply = read_reply(one_, body);
    if (!reply) {
      fail(reply.error());
      co_return;
    }
    dialects::openai_chat::write_reply(*reply, unix_now(), text);
    result_.usage = reply->usage;
    translated[0] = text;
    pieces = translated;
  } else {
    auto reply = dialects::openai_chat::relay_reply(body, reply_options_of(one_));
    if (!reply) {
      fail(reply.error());
      co_return;
    }
    relayed = std::move(*reply);
    result_.usage = relayed.usage;
    pieces = relayed.pieces;
  }
  if (one_.client.request.stream) {
    fail(bad_response(one_, "it is no event stream although one was asked for"));
    co_return;
  }
  result_.first_token = elapsed();
  result_.committed = true;
  reply_info const told = info();
  io_error const error = co_await one_.sink.answer(told, pieces);
  if (error != io_error::none) client_left();
}

/// Stream bytes to the client; the first ones are the commit point. False: the client has gone.
net::task<bool> runner::pass_on(std::string_view bytes) {
  io_error error = io_error::none;
  if (result_.committed) {
    error = co_await one_.sink.stream(bytes);
  } else {
    result_.committed = true;
    result_.first_token = elapsed();
    reply_info const told = info();
    error = co_await one_.sink.begin_stream(told, bytes);
  }
  if (error != io_error::none) client_left();
  co_return error == io_error::none;
}

net::task<> runner::read_stream(std::unique_ptr<dialects::reply_stream> reply) {
  dialects::stream_status const& status = reply->status();
  std::string out;
  bool ended = false;
  while (!ended && !status.broken) {
    milliseconds const patience = status.complete                       ? tail_limit
                                  : !result_.committed && !out.empty() ? hold_limit
                                                                       : one_.provider.limits.idle;
    net::exchange::piece const got = co_await upstream_->read_body(patience);
    result_.usage = status.usage;
    bool const waited_enough = got.error == io_error::expired && patience < one_.provider.limits.idle;
    if (!got.bytes.empty()) {
      // A stream that waits for its next chunk keeps no buffer: all streams of a thread write into one.
      if (out.empty()) out.swap(spare_buffer());
      reply->feed(got.bytes, out);
      ended = status.ended;
    }
    bool const over = got.bytes.empty() || (late_ && late_->reached());
    if (!over) {
      // Go on.
    } else if (got.error == io_error::none || got.error == io_error::end || (status.complete && got.error != io_error::cancelled)) {
      // The body is over; or the answer is, and its tail did not come or the connection broke after it.
      ended = true;
      if (late_) co_await learn_usage();
      reply->finish(out);
    } else if (!waited_enough) {
      fail(interrupted(one_, got.error, upstream_->clock()));
      break;
    }
    bool const presentable = status.content_seen || ended || waited_enough;
    if (status.broken || ended || out.empty() || !presentable) continue;
    bool const still_there = co_await pass_on(out);
    if (!still_there) co_return;
    out.clear();
    out.swap(spare_buffer());
  }
  result_.usage = status.usage;
  if (!result_.fault && !upstream_->problem().empty()) fail(bad_response(one_, upstream_->problem()));
  if (!result_.fault && status.broken) fail(*status.broken);
  if (!result_.fault && !result_.committed && out.empty()) fail(bad_response(one_, "the stream is empty"));
  co_await end_stream(out);
}

/// What is left goes out, with an error event when the stream did not end well: it must look broken to the client.
net::task<> runner::end_stream(std::string& out) {
  if (!result_.committed) {
    if (result_.fault) co_return;  // nothing was shown: the dispatcher may try another target
    bool const still_there = co_await pass_on(out);
    if (!still_there) co_return;
    out.clear();
  }
  if (result_.fault && result_.fault->what == fault_class::cancelled) co_return;
  bool const clean = !result_.fault;
  if (!clean) out += dialects::openai_chat::write_stream_error(*result_.fault);
  io_error const error = co_await one_.sink.end_stream(out, clean);
  if (error != io_error::none && clean) client_left();
}

net::task<attempt_result> run(attempt const& one) {
  runner doing(one);
  co_return co_await doing.run();
}

}  // namespace recloser::routing
