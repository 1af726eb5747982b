#include "routing/discovery.hpp"

#include <array>

#include <spdlog/spdlog.h>

#include "providers/model_lists.hpp"

namespace recloser::routing {

using namespace std::chrono_literals;

namespace {

constexpr auto round_every = 1s;
constexpr auto local_every = 10s;
constexpr auto cloud_every = 10min;
constexpr auto cloud_retry = 60s;
constexpr auto local_patience = 2s;
constexpr auto cloud_patience = 10s;
constexpr std::size_t max_body = 16u << 20;

/// `/v1` + `/models`, or a path below the host.
std::string probe_path(endpoint const& where, providers::row const& row) {
  if (!row.probe.root_path.empty()) return std::string(row.probe.root_path);
  return where.base_path + std::string(row.probe.path);
}

}  // namespace

model_index::list read_model_list(service const& provider, std::string_view body) {
  model_index::list result;
  for (providers::reported_model& one : providers::read_model_list(provider.row->name, body)) {
    if (one.name.empty()) continue;
    result.push_back({provider.name, std::move(one.name), one.created, one.what});
  }
  return result;
}

discovery::discovery(current_table table)
    : table_(std::move(table)), pool_(loop_), next_round_(loop_, [this] { round(); }), thread_([this] {
        round();
        loop_.run();
      }) {}

discovery::~discovery() {
  loop_.post([this] {
    stopping_ = true;
    next_round_.off();
    for (net::cancel_scope* one : asking_) one->cancel();
    if (asking_.empty()) loop_.stop();
  });
  thread_.join();
}

void discovery::round() {
  if (stopping_) return;
  auto const held = table_();
  for (auto const& s : held->services()) {
    if (s->is_demo() || s->row->probe.path.empty()) continue;
    net::time_point& due = due_[s->name];
    if (due > loop_.now()) continue;
    due = loop_.now() + (s->row->local ? std::chrono::seconds(local_every) : std::chrono::seconds(cloud_every));
    net::spawn(ask(held, *s), [](std::exception_ptr) { spdlog::error("asking a provider for its models failed"); });
  }
  next_round_.after(round_every);
}

net::task<> discovery::ask(std::shared_ptr<table const> held, service const& provider) {
  net::cancel_scope scope;
  asking_.insert(&scope);
  std::string body;
  bool answered = false;
  for (endpoint const& where : provider.endpoints) {
    if (stopping_) break;
    net::leased connection = co_await pool_.lease(where.origin, false, scope);
    if (!connection.stream) continue;
    net::exchange_limits limits;
    limits.first_byte = limits.idle = provider.row->local ? local_patience : cloud_patience;
    auto const upstream = std::make_unique<net::exchange>(std::move(connection), limits);
    net::cancel_scope::guard const guard(scope, upstream->io());
    std::string const request = provider.get_request(where, provider.credentials.front(), probe_path(where, *provider.row));
    std::array<std::string_view, 1> const pieces{std::string_view(request)};
    net::io_error error = co_await upstream->send(pieces);
    net::response_head head;
    if (error == net::io_error::none) error = co_await upstream->read_head(head);
    if (error != net::io_error::none || !upstream->problem().empty()) continue;
    int const status = head.status;
    body.clear();
    while (body.size() < max_body) {
      net::exchange::piece const got = co_await upstream->read_body();
      error = got.error;
      if (got.error != net::io_error::none || got.bytes.empty()) break;
      body.append(got.bytes);
    }
    if (auto kept = upstream->take_reusable()) pool_.give_back(where.origin, std::move(kept));
    where.health->seen.store(true);
    where.health->down_until_ms.store(0);
    if (status != 200 || error != net::io_error::none) continue;
    answered = true;
    break;
  }
  if (answered) {
    held->shared().models.set(provider.name, read_model_list(provider, body));
  } else if (provider.row->local) {
    held->shared().models.set(provider.name, {});  // a server that is off has no models
  } else {
    due_[provider.name] = loop_.now() + cloud_retry;
  }
  asking_.erase(&scope);
  if (asking_.empty() && stopping_) loop_.stop();
}

}  // namespace recloser::routing
