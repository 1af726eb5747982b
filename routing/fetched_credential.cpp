#include "routing/fetched_credential.hpp"

#include <array>

#include "dialects/json.hpp"
#include "net/exchange.hpp"
#include "routing/origin.hpp"

namespace recloser::routing {

using namespace std::chrono_literals;
using providers::expiring;
using providers::token_answer;
using providers::token_request;

namespace {

using value = fetched_credential::value;
using machine = fetched_credential::machine;
using step = std::variant<token_request, expiring<value>>;

constexpr int most_requests = 8;  // of one fetch: no machine needs more than four
constexpr auto patience = 10s;
constexpr auto metadata_patience = 2s;  // it is next door or not there

providers::wall_time wall_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

value value_of(providers::aws_fetch const&, providers::aws_keys keys) { return value(std::move(keys)); }
value value_of(providers::azure_fetch const&, std::string token) { return fetched_credential::access_token{std::move(token), {}}; }
value value_of(providers::google_fetch const& how, std::string token) {
  return fetched_credential::access_token{std::move(token), how.project()};
}

template <class Machine, class Secret>
chat::result<step> widened(Machine const& how, chat::result<providers::fetch_step<Secret>> from) {
  if (!from) return from.error();
  if (auto* const request = std::get_if<token_request>(&*from)) return step(std::move(*request));
  auto& done = std::get<expiring<Secret>>(*from);
  return step(expiring<value>{value_of(how, std::move(done.value)), done.expires});
}

chat::result<step> start(providers::aws_fetch& how) {
  return widened<providers::aws_fetch, providers::aws_keys>(how, how.start(providers::process_credentials()));
}
chat::result<step> start(providers::azure_fetch& how) {
  return widened<providers::azure_fetch, std::string>(how, how.start(providers::process_credentials()));
}
chat::result<step> start(providers::google_fetch& how) {
  return widened<providers::google_fetch, std::string>(how, how.start(providers::process_credentials(), wall_now()));
}
chat::result<step> answered(providers::aws_fetch& how, token_answer const& answer) {
  return widened<providers::aws_fetch, providers::aws_keys>(how, how.answered(answer, wall_now()));
}
template <class Machine>
chat::result<step> answered(Machine& how, token_answer const& answer) {
  return widened<Machine, std::string>(how, how.answered(answer, wall_now()));
}

/// An answer with what it views.
struct kept_answer {
  int status = 0;
  std::string body;
  std::string metadata_flavor;
};

chat::fault unreachable(net::origin const& where, std::string_view why) {
  return {chat::fault_class::network, chat::fault_source::gateway, 502,
          "The credential cannot be fetched: " + where.authority + " cannot be reached: " + std::string(why) + ".",
          "credential_unreachable"};
}

std::string request_text(token_request const& what, parsed_url const& to, std::string_view query) {
  std::string text = what.method + " " + (to.path.empty() ? "/" : to.path) + std::string(query) + " HTTP/1.1\r\nhost: " + to.origin.authority + "\r\n";
  for (auto const& [name, content] : what.headers) text.append(name).append(": ").append(content).append("\r\n");
  text += "user-agent: recloser/0.1\r\ncontent-length: " + std::to_string(what.body.size()) + "\r\n\r\n" + what.body;
  return text;
}

net::task<chat::result<kept_answer>> ask(net::pool& pool, token_request const& what, net::tls_context const& tls) {
  auto const mark = what.url.find('?');
  std::string const query = mark == std::string::npos ? std::string() : what.url.substr(mark);
  origin_settings how;
  how.tls = tls;
  auto to = parse_url(std::string_view(what.url).substr(0, mark), how);
  if (!to) {
    co_return chat::fault(chat::fault_class::auth, chat::fault_source::gateway, 401,
                          "The address that a credential is fetched from is no URL.", "credential_address");
  }
  to->origin.metadata = what.metadata_service;
  if (what.metadata_service) to->origin.connect_limit = 1s;
  net::cancel_scope scope;
  net::leased connection = co_await pool.lease(to->origin, false, scope);
  if (!connection.stream) co_return unreachable(to->origin, connection.problem.empty() ? "no connection" : connection.problem);
  net::exchange_limits limits;
  limits.first_byte = limits.idle = limits.send = what.metadata_service ? metadata_patience : patience;
  net::exchange upstream(std::move(connection), limits);
  std::string const text = request_text(what, *to, query);
  std::array<std::string_view, 1> const pieces{std::string_view(text)};
  net::io_error error = co_await upstream.send(pieces);
  net::response_head head;
  if (error == net::io_error::none) error = co_await upstream.read_head(head);
  if (error != net::io_error::none) co_return unreachable(to->origin, net::to_string(error));
  if (!upstream.problem().empty()) co_return unreachable(to->origin, upstream.problem());
  kept_answer answer;
  answer.status = head.status;
  answer.metadata_flavor = std::string(head.fields.get("metadata-flavor"));
  while (answer.body.size() <= providers::largest_credential) {
    net::exchange::piece const got = co_await upstream.read_body();
    if (got.error != net::io_error::none) co_return unreachable(to->origin, net::to_string(got.error));
    if (got.bytes.empty()) break;
    answer.body.append(got.bytes);
  }
  if (auto kept = upstream.take_reusable()) pool.give_back(to->origin, std::move(kept));
  co_return answer;
}

/// One whole fetch.
net::task<chat::result<expiring<value>>> fetch(net::pool& pool, machine how, net::tls_context tls) {
  chat::result<step> next = std::visit([](auto& m) { return start(m); }, how);
  for (int i = 0; i < most_requests; ++i) {
    if (!next) co_return next.error();
    if (auto* const done = std::get_if<expiring<value>>(&*next)) co_return std::move(*done);
    token_request const what = std::get<token_request>(*next);
    chat::result<kept_answer> got = co_await ask(pool, what, tls);
    if (!got) co_return got.error();
    token_answer answer;
    answer.status = got->status;
    answer.metadata_flavor = got->metadata_flavor;
    std::size_t const size = got->body.size();
    got->body.resize(size + json::padding);
    answer.body = std::string_view(got->body).substr(0, size);
    next = std::visit([&](auto& m) { return answered(m, answer); }, how);
  }
  co_return providers::credential_fault("The credential cannot be fetched: too many answers on the way.");
}

net::task<> fetch_and_tell(net::pool& pool, machine how, net::tls_context tls,
                           std::function<void(chat::result<expiring<value>> const&)> tell) {
  chat::result<expiring<value>> const got = co_await fetch(pool, std::move(how), std::move(tls));
  tell(got);
  pool.end_linger();
}

}  // namespace

net::task<chat::result<fetched_credential::shared_value>> fetched_credential::get(net::loop& loop, net::pool& pool,
                                                                                  net::cancel_scope& scope) {
  auto const self = shared_from_this();
  for (int tries = 0; tries < 3; ++tries) {
    waiter const who{&loop, std::make_shared<net::signal>(loop)};
    auto at_once = at_hand(loop, pool, who);
    if (at_once) co_return std::move(*at_once);
    net::cancel_scope::guard const guard(scope, *who.done);
    co_await *who.done;
    if (scope.cancelled()) break;
  }
  co_return chat::fault(chat::fault_class::cancelled, chat::fault_source::client, 499, "the client went away");
}

std::optional<chat::result<fetched_credential::shared_value>> fetched_credential::at_hand(net::loop& loop, net::pool& pool,
                                                                                          waiter const& who) {
  using providers::token_state;
  std::lock_guard const lock(mutex_);
  token_state::step const next = state_.ask(wall_now());
  if (next == token_state::step::fail) return chat::result<shared_value>(last_fault_);
  if (next != token_state::step::use && !fetching_) begin_fetch(loop, pool);
  if (next != token_state::step::fetch) return chat::result<shared_value>(value_);
  waiters_.push_back(who);
  return std::nullopt;
}

/// Under the lock. The fetch runs beside the request: others wait for it too, so a leaving client does not end it.
void fetched_credential::begin_fetch(net::loop& loop, net::pool& pool) {
  fetching_ = true;
  pool.begin_linger();
  auto work = [self = shared_from_this(), &pool] {
    auto tell = [self](chat::result<providers::expiring<value>> const& got) { self->settle(got); };
    net::spawn(fetch_and_tell(pool, self->how_, self->tls_, tell), [](std::exception_ptr) {});
  };
  loop.post(std::move(work));
}

void fetched_credential::settle(chat::result<providers::expiring<value>> const& got) {
  std::vector<waiter> waiting;
  {
    std::lock_guard const lock(mutex_);
    fetching_ = false;
    if (got) {
      value_ = std::make_shared<value const>(got->value);
      state_.fetched(got->expires, wall_now());
    } else {
      last_fault_ = got.error();
      state_.failed(wall_now(), got.error().retry_after);
    }
    waiting.swap(waiters_);
  }
  for (waiter const& one : waiting) one.loop->post([done = one.done] { done->set(); });
}

bool fetched_credential::rejected() {
  std::lock_guard const lock(mutex_);
  return state_.rejected(wall_now());
}

}  // namespace recloser::routing
