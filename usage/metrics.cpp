#include "usage/metrics.hpp"

#include <map>
#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace recloser::usage {

namespace {

using prometheus::Histogram;
using labels = std::map<std::string, std::string>;

constexpr std::array<char const*, endpoint_label_count> endpoint_names = {"chat",   "completions", "embeddings",
                                                                         "models", "admin",       "other"};
constexpr std::array<char const*, outcome_label_count> outcome_names = {"ok",          "client_error", "gateway_error",
                                                                       "upstream_error", "interrupted",  "cancelled"};

// resilience.md §14.2: OpenTelemetry's 0.01·2^k, and three more because SDKs wait 600 s.
Histogram::BucketBoundaries request_buckets() {
  Histogram::BucketBoundaries result;
  for (double bound = 0.01; bound < 700; bound *= 2) result.push_back(bound);
  return result;
}
Histogram::BucketBoundaries first_token_buckets() {
  Histogram::BucketBoundaries result;
  for (double bound = 0.01; bound < 100; bound *= 2) result.push_back(bound);
  return result;
}
Histogram::BucketBoundaries overhead_buckets() {
  return {50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3};
}

double seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

struct metrics::state {
  prometheus::Registry registry;

  prometheus::Family<prometheus::Counter>& counters(char const* name, char const* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& gauges(char const* name, char const* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  prometheus::Family<Histogram>& histograms(char const* name, char const* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  prometheus::Family<prometheus::Counter>& requests =
      counters("recloser_requests_total", "Client requests by route, endpoint and outcome.");
  prometheus::Family<Histogram>& duration =
      histograms("recloser_request_duration_seconds", "From the request's head to the last byte of the answer.");
  prometheus::Family<Histogram>& first_token =
      histograms("recloser_time_to_first_token_seconds", "From the request's head to the first byte of the answer.");
  prometheus::Family<prometheus::Counter>& attempts =
      counters("recloser_upstream_attempts_total", "Upstream requests by target and outcome.");
  prometheus::Family<prometheus::Counter>& tokens =
      counters("recloser_tokens_total", "Tokens by target and kind, as the providers report them.");
  prometheus::Family<prometheus::Counter>& connections =
      counters("recloser_upstream_connections_total", "Upstream connections taken, new or reused.");
  prometheus::Family<prometheus::Counter>& rejected =
      counters("recloser_http_rejected_total", "Requests refused before they reached an endpoint.");
  prometheus::Family<prometheus::Counter>& reloads =
      counters("recloser_config_reload_total", "Reloads of the configuration by outcome.");

  Histogram& overhead = histograms("recloser_overhead_seconds", "The gateway's own time per request, without upstream.")
                            .Add({}, overhead_buckets());
  prometheus::Counter& failovers =
      counters("recloser_failovers_total", "Requests that moved on to another target or credential.").Add({});
  prometheus::Counter& dropped =
      counters("recloser_dropped_parameters_total", "Request parameters that a target could not take.").Add({});
  prometheus::Gauge& in_flight = gauges("recloser_requests_in_flight", "Requests being served.").Add({});
  prometheus::Gauge& clients = gauges("recloser_client_connections", "Open client connections.").Add({});
  prometheus::Counter& opened = connections.Add({{"reused", "false"}});
  prometheus::Counter& reused = connections.Add({{"reused", "true"}});
  prometheus::Counter& reload_ok = reloads.Add({{"outcome", "accepted"}});
  prometheus::Counter& reload_bad = reloads.Add({{"outcome", "rejected"}});

  std::mutex mutex;
  std::map<std::string, std::unique_ptr<route_series>, std::less<>> routes;
  std::map<std::string, std::unique_ptr<target_series>, std::less<>> targets;
};

metrics::metrics(std::string_view version) : state_(std::make_unique<state>()) {
  state_->gauges("recloser_build_info", "Always 1; the labels say what runs.")
      .Add({{"version", std::string(version)}})
      .Set(1);
}
metrics::~metrics() = default;

route_series const* metrics::route(std::string_view name) {
  std::lock_guard const lock(state_->mutex);
  if (auto const found = state_->routes.find(name); found != state_->routes.end()) return found->second.get();
  auto made = std::make_unique<route_series>();
  std::string const label(name);
  for (std::size_t e = 0; e < endpoint_label_count; ++e) {
    // `none` is what unknown models and our own pages fall under; a real route only serves the inference endpoints.
    bool const inference = e <= static_cast<std::size_t>(endpoint_label::embeddings);
    if (!inference && name != "none") continue;
    for (std::size_t o = 0; o < outcome_label_count; ++o) {
      made->requests[e][o] = &state_->requests.Add(
          labels{{"route", label}, {"endpoint", endpoint_names[e]}, {"outcome", outcome_names[o]}});
    }
    made->duration[e] =
        &state_->duration.Add(labels{{"route", label}, {"endpoint", endpoint_names[e]}}, request_buckets());
  }
  made->first_token = &state_->first_token.Add(labels{{"route", label}}, first_token_buckets());
  return (state_->routes[label] = std::move(made)).get();
}

target_series const* metrics::target(std::string_view provider, std::string_view model) {
  std::string const key = std::string(provider) + "/" + std::string(model);
  std::lock_guard const lock(state_->mutex);
  if (auto const found = state_->targets.find(key); found != state_->targets.end()) return found->second.get();
  auto made = std::make_unique<target_series>();
  labels const base{{"provider", std::string(provider)}, {"model", std::string(model)}};
  auto with = [&](char const* name, std::string_view value) {
    labels result = base;
    result[name] = value;
    return result;
  };
  made->attempts[0] = &state_->attempts.Add(with("class", "ok"));
  for (int c = 0; c < chat::fault_class_count; ++c) {
    made->attempts[static_cast<std::size_t>(c) + 1] =
        &state_->attempts.Add(with("class", chat::to_string(static_cast<chat::fault_class>(c))));
  }
  made->in_uncached = &state_->tokens.Add(with("kind", "input"));
  made->in_cache_read = &state_->tokens.Add(with("kind", "cache_read"));
  made->in_cache_write = &state_->tokens.Add(with("kind", "cache_write"));
  made->out_text = &state_->tokens.Add(with("kind", "output"));
  made->out_reasoning = &state_->tokens.Add(with("kind", "reasoning"));
  return (state_->targets[key] = std::move(made)).get();
}

void metrics::request(route_series const& route, endpoint_label where, outcome_label how, std::chrono::microseconds took,
                      std::chrono::microseconds own, std::chrono::microseconds first_token) {
  auto const e = static_cast<std::size_t>(where);
  if (!route.duration[e]) return;
  route.requests[e][static_cast<std::size_t>(how)]->Increment();
  route.duration[e]->Observe(seconds(took));
  state_->overhead.Observe(seconds(own));
  if (first_token.count() > 0) route.first_token->Observe(seconds(first_token));
}

void metrics::attempt(target_series const& target, chat::fault const* what) {
  target.attempts[what ? static_cast<std::size_t>(what->what) + 1 : 0]->Increment();
}

void metrics::tokens(target_series const& target, chat::usage const& used) {
  auto add = [](prometheus::Counter* counter, std::int64_t count) {
    if (count > 0) counter->Increment(static_cast<double>(count));
  };
  add(target.in_uncached, used.in_uncached + used.in_audio);
  add(target.in_cache_read, used.in_cache_read);
  add(target.in_cache_write, used.cache_write());
  add(target.out_text, used.out_text + used.out_audio);
  add(target.out_reasoning, used.out_reasoning);
}

void metrics::upstream_connection(bool reused) { (reused ? state_->reused : state_->opened).Increment(); }
void metrics::failover() { state_->failovers.Increment(); }
void metrics::http_rejected(std::string_view reason) {
  state_->rejected.Add(labels{{"reason", std::string(reason)}}).Increment();
}
void metrics::config_reload(bool accepted) { (accepted ? state_->reload_ok : state_->reload_bad).Increment(); }
void metrics::dropped_parameters(std::size_t count) {
  if (count) state_->dropped.Increment(static_cast<double>(count));
}
void metrics::requests_in_flight(int change) { state_->in_flight.Increment(change); }
void metrics::client_connections(int change) { state_->clients.Increment(change); }

std::string metrics::expose() const { return prometheus::TextSerializer().Serialize(state_->registry.Collect()); }

std::size_t metrics::series_count() const {
  std::size_t result = 0;
  for (auto const& family : state_->registry.Collect()) result += family.metric.size();
  return result;
}

}  // namespace recloser::usage
