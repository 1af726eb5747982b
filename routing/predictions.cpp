// Replicate: one answer takes several exchanges (providers-native.md §6). A prediction is created, then followed by its
// stream or by asking for it again; a client that leaves ends it, because what runs on is paid for.

#include <array>

#include "dialects/model_text/filter.hpp"
#include "dialects/openai_chat/conversation.hpp"
#include "dialects/translate.hpp"
#include "routing/runner.hpp"

namespace recloser::routing {

using namespace std::chrono_literals;
using net::io_error;
using std::chrono::milliseconds;
namespace replicate = dialects::replicate;

dialects::event_source::step late_usage::next(chat::event& out) {
  if (reached_ && !finished_) return step::need_more;
  if (reached_) {
    out = end_;
    out.usage = usage_;
    reached_ = false;
    return step::event;
  }
  step const found = from_->next(out);
  if (found != step::event || out.kind != chat::event_kind::end) return found;
  end_ = {};
  end_.kind = chat::event_kind::end;
  usage_ = out.usage;
  reached_ = true;
  return finished_ ? next(out) : step::need_more;
}

namespace {

constexpr milliseconds first_pause = 250ms;
constexpr milliseconds longest_pause = 1s;
// A prediction has no name before its create is answered, and without one it cannot be ended: the answer is held open
// for the shortest time that there is, and a client that leaves meanwhile is not heeded for as long.
constexpr std::string_view hold_answer = "prefer: wait=1\r\n";
constexpr milliseconds naming_limit = 5s;

/// In place of the end of a wait: its end before long.
class end_soon final : public net::cancellable {
 public:
  explicit end_soon(net::descriptor& io) : io_(io) {}
  void cancel() override { io_.expires_at(io_.owner().now() + naming_limit); }

 private:
  net::descriptor& io_;
};

/// Ends a prediction beside the request that nobody waits for any more.
net::task<> give_up(net::pool& pool, net::origin const where, std::string const request) {
  net::cancel_scope scope;
  net::leased connection = co_await pool.lease(where, false, scope);
  if (connection.stream) {
    net::exchange_limits limits;
    limits.send = limits.first_byte = limits.idle = 5s;
    net::exchange upstream(std::move(connection), limits);
    std::array<std::string_view, 1> const pieces{std::string_view(request)};
    io_error const error = co_await upstream.send(pieces);
    net::response_head head;
    if (error == io_error::none) static_cast<void>(co_await upstream.read_head(head));
  }
  pool.end_linger();
}

/// A pause that a leaving client ends.
net::task<> pause(net::loop& loop, milliseconds length, net::cancel_scope& scope) {
  net::signal wake(loop);
  net::alarm bell(loop, [&wake] { wake.set(); });
  bell.after(length);
  net::cancel_scope::guard const guard(scope, wake);
  co_await wake;
}

}  // namespace

net::task<> runner::predict() {
  bool const streamed = one_.client.request.stream;
  std::size_t size = 0;
  for (std::string_view const piece : one_.prepared.body) size += piece.size();
  std::string lines = authorization_;
  if (!streamed) lines += hold_answer;
  std::string head = one_.provider.post_head(one_.where, lines, one_.prepared.path);
  head += std::to_string(size) + "\r\n\r\n";
  std::vector<std::string_view> pieces{head};
  pieces.insert(pieces.end(), one_.prepared.body.begin(), one_.prepared.body.end());
  std::string body;
  bool const created = co_await exchange_whole(pieces, body, heed::before_long, one_.fresh_connection);
  if (!created) co_return;
  auto made = replicate::read_prediction(body);
  if (!made) {
    fail(made.error());
    co_return;
  }
  prediction_id_ = made->id;
  runs_on_ = !replicate::is_over(made->status);
  if (one_.client.scope->cancelled()) {
    client_left();
  } else {
    co_await follow(std::move(*made), body);
  }
  if (!runs_on_ || !result_.fault) co_return;
  std::string const request = one_.provider.post_head(one_.where, authorization_, replicate::cancel_path(prediction_id_)) + "0\r\n\r\n";
  one_.worker.pool.begin_linger();
  net::spawn(give_up(one_.worker.pool, one_.where.origin, request), [](std::exception_ptr) {});
}

/// From a prediction that was made to the client's answer.
net::task<> runner::follow(replicate::prediction made, std::string& body) {
  if (replicate::is_over(made.status)) {
    co_await answer_prediction(body);
    co_return;
  }
  if (one_.client.request.stream && !made.stream_url.empty()) {
    auto const link = replicate::own_link(made.stream_url, one_.where.url);
    if (!link) {
      fail(bad_response(one_, "its stream is at an address that is not its own"));
      co_return;
    }
    origin_settings how;
    how.tls = one_.where.origin.tls;
    how.verify = one_.where.origin.verify;
    std::string const root = std::string(link->tls ? "https://" : "http://") + link->host + ":" + std::to_string(link->port);
    auto to = parse_url(root, how);
    if (to) {
      co_await follow_stream(made, std::move(*to), link->target);
    } else {
      fail(bad_response(one_, "its stream is at an address that cannot be read"));
    }
    co_return;
  }
  bool const there = co_await wait_for_end(made.id, body);
  if (there) co_await answer_prediction(body);
}

net::task<> runner::follow_stream(replicate::prediction const& made, parsed_url to, std::string target) {
  // Streams have a host of their own, and their connections are not kept.
  net::leased connection = co_await one_.worker.pool.lease(to.origin, true, *one_.client.scope);
  if (!connection.stream) {
    fail(network_fault(one_, connection.error, connection.clock, connection.problem));
    co_return;
  }
  upstream_ = std::make_unique<net::exchange>(std::move(connection), limits());
  net::cancel_scope::guard const guard(*one_.client.scope, upstream_->io());
  std::string const request = "GET " + target + " HTTP/1.1\r\nhost: " + to.origin.authority + "\r\n" + authorization_ +
                              one_.provider.extra_headers + "accept: text/event-stream\r\n\r\n";
  std::array<std::string_view, 1> const pieces{std::string_view(request)};
  io_error error = co_await upstream_->send(pieces);
  net::response_head head;
  if (error == io_error::none) error = co_await upstream_->read_head(head);
  if (error != io_error::none) {
    fail(network_fault(one_, error, upstream_->clock(), {}));
    co_return;
  }
  if (head.status != 200) {
    fail(bad_response(one_, "its stream answers with HTTP " + std::to_string(head.status)));
    co_return;
  }
  auto source = std::make_unique<late_usage>(replicate::new_events(made));
  late_ = source.get();
  co_await read_stream(dialects::translate_stream(std::move(source), unix_now(), one_.client.request.usage_wanted,
                                                  json::escaped(one_.model)));
  late_ = nullptr;
  if (!result_.fault) runs_on_ = false;
  upstream_.reset();  // of another host than `release` thinks, and not kept
}

/// What the stream did not say. Its failure is none of the answer's.
net::task<> runner::learn_usage() {
  std::unique_ptr<net::exchange> stream = std::move(upstream_);
  std::string body;
  bool const got = co_await get(replicate::get_path(prediction_id_), body);
  if (got) {
    auto const known = replicate::read_prediction(body);
    if (known && known->usage.known) late_->set(known->usage);
  }
  bool const left = one_.client.scope->cancelled();
  if (!left) result_.fault.reset();
  upstream_ = std::move(stream);
}

/// Asks for the prediction until nothing more will come of it.
net::task<bool> runner::wait_for_end(std::string const& id, std::string& body) {
  milliseconds wait = first_pause;
  net::time_point const deadline = one_.client.started + one_.provider.total;
  for (;;) {
    bool const got = co_await get(replicate::get_path(id), body);
    if (!got) co_return false;
    auto const seen = replicate::read_prediction(body);
    if (!seen) {
      fail(seen.error());
      co_return false;
    }
    if (replicate::is_over(seen->status)) {
      runs_on_ = false;
      co_return true;
    }
    if (net::steady::now() + wait > deadline) {
      fail(network_fault(one_, io_error::expired, net::clock_name::total, {}));
      co_return false;
    }
    co_await pause(one_.worker.loop, wait, *one_.client.scope);
    if (one_.client.scope->cancelled()) {
      client_left();
      co_return false;
    }
    wait = std::min(wait * 2, longest_pause);
  }
}

/// A prediction that is over as the client's answer, whole or played as a stream.
net::task<> runner::answer_prediction(std::string_view body) {
  auto const seen = replicate::read_prediction(body);
  auto reply = seen ? replicate::reply_of(*seen) : chat::result<chat::reply>(seen.error());
  if (!reply) {
    fail(reply.error());
    co_return;
  }
  if (reply->model.empty()) reply->model = reply->store.keep(json::escaped(one_.model));
  result_.usage = reply->usage;
  std::string text;
  if (one_.client.request.stream) {
    auto const stream = dialects::translate_stream(replicate::events_of(std::move(*reply)), unix_now(),
                                                   one_.client.request.usage_wanted, json::escaped(one_.model));
    stream->finish(text);
    if (stream->status().broken) fail(*stream->status().broken);
    co_await end_stream(text);
    co_return;
  }
  dialects::openai_chat::write_reply(*reply, unix_now(), text);
  result_.first_token = elapsed();
  result_.committed = true;
  reply_info const told = info();
  std::array<std::string_view, 1> const pieces{std::string_view(text)};
  io_error const error = co_await one_.sink.answer(told, pieces);
  if (error != io_error::none) client_left();
}

net::task<bool> runner::get(std::string const& path, std::string& body) {
  std::string const request = "GET " + one_.where.base_path + path + " HTTP/1.1\r\nhost: " + one_.where.origin.authority +
                              "\r\n" + authorization_ + one_.provider.extra_headers + "\r\n";
  std::array<std::string_view, 1> const pieces{std::string_view(request)};
  bool const got = co_await exchange_whole(pieces, body, heed::at_once, false);
  if (!result_.stale) co_return got;
  result_.stale = false;
  result_.fault.reset();
  co_return co_await exchange_whole(pieces, body, heed::at_once, true);
}

/// One exchange with the provider. True: it answered 2xx, and `body` is padded behind its size.
net::task<bool> runner::exchange_whole(std::span<std::string_view const> pieces, std::string& body, heed client,
                                       bool fresh) {
  body.clear();
  net::leased connection = co_await one_.worker.pool.lease(one_.where.origin, fresh, *one_.client.scope);
  if (!connection.stream) {
    result_.never_sent = prediction_id_.empty();
    fail(network_fault(one_, connection.error, connection.clock, connection.problem));
    co_return false;
  }
  upstream_ = std::make_unique<net::exchange>(std::move(connection), limits());
  end_soon later(upstream_->io());
  net::cancellable& ended = client == heed::at_once ? static_cast<net::cancellable&>(upstream_->io()) : later;
  net::cancel_scope::guard const guard(*one_.client.scope, ended);
  io_error error = co_await upstream_->send(pieces);
  net::response_head head;
  if (error == io_error::none) error = co_await upstream_->read_head(head);
  bool const closed = error == io_error::end || error == io_error::reset;
  result_.stale = closed && upstream_->reused() && upstream_->state() <= net::exchange_state::sent;
  if (error == io_error::none && upstream_->problem().empty() && head.status < 300) {
    bool too_large = false;
    io_error const read_error = co_await read_rest(*upstream_, body, max_whole_body, too_large);
    error = read_error;
    if (too_large) fail(bad_response(one_, "it is larger than 64 MiB"));
  } else if (error == io_error::none && upstream_->problem().empty()) {
    co_await read_error(head);
  }
  if (error != io_error::none) fail(network_fault(one_, error, upstream_->clock(), {}));
  if (error != io_error::none && one_.client.scope->cancelled()) client_left();
  if (!upstream_->problem().empty()) fail(bad_response(one_, upstream_->problem()));
  bool const good = !result_.fault;
  if (auto kept = upstream_->take_reusable()) one_.worker.pool.give_back(one_.where.origin, std::move(kept));
  upstream_.reset();
  body.reserve(body.size() + json::padding);
  co_return good;
}

}  // namespace recloser::routing
