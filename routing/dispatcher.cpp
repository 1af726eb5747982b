#include "routing/dispatcher.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include <spdlog/spdlog.h>

#include "dialects/ollama_chat/api_chat.hpp"
#include "providers/needs.hpp"

namespace recloser::routing {

using namespace std::chrono_literals;
using chat::fault;
using chat::fault_class;
using std::chrono::microseconds;

namespace {

constexpr std::size_t max_attempts = 8;
// An address that could not be reached is not tried first again for this long, when there is another one.
constexpr auto endpoint_pause = 10s;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(net::steady::now().time_since_epoch()).count();
}

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The provider's addresses, those that work first, otherwise in the configured order.
std::vector<endpoint const*> order_endpoints(service const& provider) {
  std::vector<endpoint const*> result;
  for (endpoint const& e : provider.endpoints) result.push_back(&e);
  if (result.size() > 1) {
    std::int64_t const now = steady_ms();
    std::stable_partition(result.begin(), result.end(),
                          [&](endpoint const* e) { return e->health->down_until_ms.load() <= now; });
  }
  return result;
}

/// The credentials in turn, so that each gets its share.
std::vector<std::size_t> order_credentials(service const& provider) {
  std::vector<std::size_t> result(provider.credentials.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  if (result.size() > 1) {
    auto const first = provider.turn->fetch_add(1, std::memory_order_relaxed) % result.size();
    std::rotate(result.begin(), result.begin() + static_cast<std::ptrdiff_t>(first), result.end());
  }
  return result;
}

/// The words for the client when this fault is the last one: a provider's trouble with our own credential must not look
/// like a wrong key of the client, and the operator must read what to change.
fault presented(fault what, service const& provider) {
  std::string const key = provider.row->key_variables.empty()
                              ? "its api_key"
                              : "its api_key or " + std::string(provider.row->key_variables.front());
  if (what.what == fault_class::auth && what.code != "upstream_auth") {
    what.message = "The provider `" + provider.name + "` refuses recloser's credential (HTTP " +
                   std::to_string(what.status) + "); check " + key + ". It says: " + what.message;
    what.code = "upstream_auth";
    what.type = "upstream_error";
  } else if (what.what == fault_class::billing) {
    what.message = "The provider `" + provider.name + "` wants payment: " + what.message;
    what.code = "upstream_billing";
    what.type = "upstream_error";
  }
  return what;
}

/// What is next after a fault.
enum class step { done, next_endpoint, next_credential, next_target };

step after(fault const& what, bool never_sent, bool more_endpoints, bool more_credentials) {
  if (what.what == fault_class::cancelled) return step::done;
  if (never_sent && more_endpoints) return step::next_endpoint;
  bool const credential_fault = what.what == fault_class::auth || what.what == fault_class::billing ||
                                what.what == fault_class::rate_limit || what.what == fault_class::quota_day;
  if (credential_fault && more_credentials) return step::next_credential;
  return chat::effects_of(what.what).next_target ? step::next_target : step::done;
}

class dispatcher {
 public:
  dispatcher(worker_context worker, table const& routes, call& client, reply_sink& sink)
      : worker_(worker), routes_(routes), client_(client), sink_(sink) {}

  RECLOSER_OWN_FRAME net::task<outcome> run();

 private:
  RECLOSER_OWN_FRAME net::task<bool> try_target(target const& t);
  RECLOSER_OWN_FRAME net::task<attempt_result> attempt_once(target const& t, endpoint const& where, credential const& who,
                                         providers::prepared const& prepared);
  bool find_plan();
  void warn_of_cut_prompt(target const& t, providers::prepared const& prepared) const;
  void skip_incapable();
  chat::result<providers::prepared> prepare(target const& t) const;
  void settle(target const& t, std::size_t credential, attempt_result&& result);

  worker_context worker_;
  table const& routes_;
  call& client_;
  reply_sink& sink_;
  routing::plan plan_;
  outcome outcome_;
};

/// Fills `plan_`. False: there is no such model, and the outcome says so.
bool dispatcher::find_plan() {
  auto found = routes_.find(client_.model);
  if (!found) {
    outcome_.fault = found.error();
    return false;
  }
  plan_ = std::move(*found);
  outcome_.route = plan_.route_name;
  outcome_.series = plan_.route ? plan_.route->series : routes_.direct_series();
  return true;
}

/// Leaves out the targets that are known not to have what the request needs; the outcome says so when none is left.
void dispatcher::skip_incapable() {
  providers::client_request const& asked = client_.request;
  if (asked.endpoint == providers::endpoint::completions) return;
  std::optional<providers::needs> wanted;
  std::erase_if(plan_.targets, [&](target const* t) {
    if (t->provider->is_demo()) return false;
    auto const has = routes_.capabilities_of(*t->provider, t->model);
    if (!providers::may_lack(has, asked.body.size())) return false;
    bool const chat = asked.endpoint == providers::endpoint::chat;
    if (!wanted) wanted = chat ? providers::needs_of(*asked.members) : providers::needs_of_embeddings();
    auto gaps = providers::missing(*wanted, has);
    std::erase_if(gaps, [](providers::gap const& one) { return !one.essential; });
    if (gaps.empty()) return false;
    if (!outcome_.fault) outcome_.fault = providers::refusal(gaps, t->name(), has);
    return true;
  });
  if (!plan_.targets.empty()) outcome_.fault.reset();
}

net::task<outcome> dispatcher::run() {
  if (!find_plan()) co_return std::move(outcome_);
  skip_incapable();
  for (target const* const next : plan_.targets) {
    target const& t = *next;
    bool const finished = co_await try_target(t);
    if (outcome_.fault && !outcome_.committed) outcome_.fault = presented(std::move(*outcome_.fault), *t.provider);
    if (finished || outcome_.attempts >= max_attempts) break;
  }
  co_return std::move(outcome_);
}

chat::result<providers::prepared> dispatcher::prepare(target const& t) const {
  std::string const target_name = t.name();
  chat::recall const recall = [&](chat::raw_text id) {
    return routes_.shared().vault.find(client_.owner, target_name, id, vault::clock::now());
  };
  providers::preparation with = t.preparation();
  with.recall = &recall;
  auto prepared = providers::prepare(client_.request, with);
  if (prepared && plan_.route && plan_.route->strict && !prepared->dropped.empty()) {
    std::string names;
    for (std::string const& name : prepared->dropped) names += (names.empty() ? "" : ", ") + name;
    fault refused = chat::bad_request("The target " + t.name() + " cannot honour: " + names +
                                          ". The route `" + plan_.route->name + "` is strict, so nothing is dropped.",
                                      "unsupported_parameter", prepared->dropped.front());
    return refused;
  }
  return prepared;
}

/// All lanes of one target. True: the request is over.
net::task<bool> dispatcher::try_target(target const& t) {
  outcome_.target = t.name();
  if (t.provider->is_demo()) {
    reply_info info{outcome_.target, 1, &outcome_.dropped, {}};
    attempt_result result = co_await run_demo(client_, sink_, info);
    settle(t, 0, std::move(result));
    co_return true;
  }
  auto prepared = prepare(t);
  if (!prepared) {
    outcome_.fault = prepared.error();  // this target cannot serve it; another one may
    co_return false;
  }
  outcome_.dropped = prepared->dropped;
  std::vector<std::size_t> const credentials = order_credentials(*t.provider);
  for (std::size_t c = 0; c < credentials.size(); ++c) {
    std::vector<endpoint const*> const endpoints = order_endpoints(*t.provider);
    for (std::size_t e = 0; e < endpoints.size(); ++e) {
      attempt_result result = co_await attempt_once(t, *endpoints[e], t.provider->credentials[credentials[c]], *prepared);
      bool const never_sent = result.never_sent;
      settle(t, credentials[c], std::move(result));
      warn_of_cut_prompt(t, *prepared);
      if (!outcome_.fault || outcome_.committed) co_return true;
      step const next = after(*outcome_.fault, never_sent, e + 1 < endpoints.size(), c + 1 < credentials.size());
      if (next == step::done) co_return true;
      if (next == step::next_target || outcome_.attempts >= max_attempts) co_return false;
      if (next == step::next_credential) break;
    }
  }
  co_return false;
}

net::task<attempt_result> dispatcher::attempt_once(target const& t, endpoint const& where, credential const& who,
                                                   providers::prepared const& prepared) {
  // Invariant 5: never a second upstream attempt after the commit point.
  assert(!outcome_.committed);
  reply_info info;
  info.target = outcome_.target;
  info.attempts = static_cast<int>(outcome_.attempts) + 1;
  info.dropped = &outcome_.dropped;
  info.upstream = outcome_.upstream;
  attempt one{worker_, client_, sink_, *t.provider, where, who, t.model, prepared, routes_.shared().vault, info};
  attempt_result result;
  bool renewed = false;
  for (bool again = true; again;) {
    result = co_await routing::run(one);
    // The server had closed the idle connection: nothing was served, so once more on a new one (resilience.md §2).
    again = result.stale && result.fault && !result.committed && !one.fresh_connection;
    one.fresh_connection = again;
    // A credential that has run out before its time is fetched anew, once.
    bool const refused = result.fault && result.fault->what == fault_class::auth && !result.never_sent;
    if (refused && !renewed && who.fetched) again = renewed = who.fetched->rejected();
  }
  if (result.never_sent && result.fault && result.fault->what != fault_class::cancelled) {
    where.health->down_until_ms.store(steady_ms() + std::chrono::milliseconds(endpoint_pause).count());
  } else if (!result.never_sent) {
    where.health->down_until_ms.store(0, std::memory_order_relaxed);
    where.health->seen.store(true, std::memory_order_relaxed);
  }
  co_return result;
}

/// Ollama leaves out the oldest part of a prompt that its window does not hold, and says nothing.
void dispatcher::warn_of_cut_prompt(target const& t, providers::prepared const& prepared) const {
  if (prepared.prompt_bytes == 0 || !outcome_.usage.known) return;
  if (!dialects::ollama_chat::prompt_was_cut(outcome_.usage.prompt(), prepared.prompt_bytes)) return;
  spdlog::warn("the prompt was probably cut: target={} bytes={} tokens={}; raise num_ctx of the provider", t.name(),
               prepared.prompt_bytes, outcome_.usage.prompt());
}

/// One attempt, one outcome: the only place that records it.
void dispatcher::settle(target const& t, std::size_t credential, attempt_result&& result) {
  fault const* const what = result.fault ? &*result.fault : nullptr;
  auto const lane = routes_.lane_of(t, credential, what == nullptr);
  lane->record(what, unix_ms());
  worker_.metrics.attempt(*lane->series, what);
  worker_.metrics.tokens(*lane->series, result.usage);
  if (outcome_.attempts++ > 0) worker_.metrics.failover();
  if (what && what->what != fault_class::cancelled) {
    // Neither the provider's words nor the request's: they may hold what users wrote.
    spdlog::info("attempt failed: target={}{} class={} status={} code={}", t.name(),
                 t.provider->credentials[credential].label, chat::to_string(what->what), what->status, what->code);
  }
  outcome_.committed = outcome_.committed || result.committed;
  outcome_.usage = result.usage;
  if (result.committed) outcome_.first_token = outcome_.upstream + result.first_token;
  outcome_.upstream += result.upstream;
  outcome_.fault = std::move(result.fault);
}

}  // namespace

net::task<outcome> dispatch(worker_context worker, table const& routes, call& client, reply_sink& sink) {
  dispatcher doing(worker, routes, client, sink);
  co_return co_await doing.run();
}

}  // namespace recloser::routing
