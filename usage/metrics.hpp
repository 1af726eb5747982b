#pragma once
// Prometheus metrics. Series are made when configuration (never raw request text) names them and are then plain
// pointers, so that counting a request is a few atomic additions. Any thread.

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "chat/fault.hpp"
#include "chat/usage.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace recloser::usage {

enum class endpoint_label { chat, completions, embeddings, models, admin, other };
inline constexpr int endpoint_label_count = 6;
enum class outcome_label { ok, client_error, gateway_error, upstream_error, interrupted, cancelled };
inline constexpr int outcome_label_count = 6;

/// Counters of one route (`direct` and `none` included).
struct route_series {
  std::array<std::array<prometheus::Counter*, outcome_label_count>, endpoint_label_count> requests{};
  std::array<prometheus::Histogram*, endpoint_label_count> duration{};
  prometheus::Histogram* first_token = nullptr;
};

/// Counters of one target.
struct target_series {
  std::array<prometheus::Counter*, chat::fault_class_count + 1> attempts{};  ///< [0]: went well
  prometheus::Counter* in_uncached = nullptr;
  prometheus::Counter* in_cache_read = nullptr;
  prometheus::Counter* in_cache_write = nullptr;
  prometheus::Counter* out_text = nullptr;
  prometheus::Counter* out_reasoning = nullptr;
};

class metrics {
 public:
  metrics(std::string_view version);
  ~metrics();

  /// The series of a configured name. The pointer stays valid as long as the metrics.
  route_series const* route(std::string_view name);
  target_series const* target(std::string_view provider, std::string_view model);

  void request(route_series const& route, endpoint_label where, outcome_label how, std::chrono::microseconds took,
               std::chrono::microseconds own, std::chrono::microseconds first_token);
  void attempt(target_series const& target, chat::fault const* what);
  void tokens(target_series const& target, chat::usage const& used);
  void upstream_connection(bool reused);
  void failover();
  void http_rejected(std::string_view reason);  ///< one of a fixed set of words
  void config_reload(bool accepted);
  void dropped_parameters(std::size_t count);
  void requests_in_flight(int change);
  void client_connections(int change);

  /// The text format, version 0.0.4.
  std::string expose() const;
  std::size_t series_count() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace recloser::usage
