#pragma once
// The routing table: from the name in `model` to the targets that may serve it, in the order in which they are tried.
// Immutable; a reload builds a new one. What changes (lanes, endpoints, model lists) is shared and atomic.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chat/fault.hpp"
#include <shared_mutex>

#include "config/config.hpp"
#include "providers/capabilities.hpp"
#include "routing/service.hpp"
#include "routing/vault.hpp"

namespace recloser::routing {

/// Which models a provider says it has. Written by discovery, read by every request that names a bare model.
class model_index {
 public:
  struct entry {
    std::string provider;
    std::string model;
    std::int64_t created = 0;
    providers::capabilities what = {};  ///< what the provider's list says of it
  };
  using list = std::vector<entry>;

  void set(std::string const& provider, list models);
  std::shared_ptr<list const> all() const;
  /// Names of the providers that list `model`.
  std::vector<std::string> owners(std::string_view model) const;
  bool has(std::string_view provider, std::string_view model) const;
  /// What the provider's list says of the model.
  providers::capabilities what(std::string_view provider, std::string_view model) const;
  /// Grows with every change.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  std::atomic<std::uint64_t> generation_{0};
  mutable std::mutex mutex_;
  std::map<std::string, list, std::less<>> by_provider_;
  std::shared_ptr<list const> flat_ = std::make_shared<list>();
};

/// What outlives every table: health and discoveries, by identity.
struct shared_state {
  explicit shared_state(usage::metrics& metrics) : metrics(metrics), lanes(metrics) {}
  usage::metrics& metrics;
  lane_registry lanes;
  endpoint_registry endpoints;
  model_index models;
  routing::vault vault;
};

struct target {
  service const* provider = nullptr;
  std::string model;
  unsigned weight = 1;
  /// Members given to a request that lacks them: the route's with the target's own on top.
  std::vector<std::pair<std::string, std::string>> defaults = {};
  /// One per credential of the provider, when the target is configured; otherwise found when an outcome is recorded.
  std::vector<std::shared_ptr<lane>> lanes = {};
  std::string name() const { return provider->name + "/" + model; }
  /// What it adds to a request; views of this target and its provider.
  providers::preparation preparation() const;
};

struct route {
  std::string name;
  std::vector<routing::target> targets;
  config::strategy strategy = config::strategy::order;
  bool strict = false;
  usage::route_series const* series = nullptr;
  std::unique_ptr<std::atomic<std::uint32_t>> turn;  ///< strategy weighted: counts requests
};

/// The answer to "who serves this request": targets in the order in which they are tried.
struct plan {
  std::string_view route_name;   ///< a configured name, or `direct` for provider/model and bare names
  routing::route const* route = nullptr;  ///< null when direct
  std::vector<routing::target const*> targets;  ///< of the route, or `own`
  std::unique_ptr<routing::target> own;         ///< the only target of a direct plan
};

class table {
 public:
  /// Throws std::runtime_error with words for the operator.
  table(config::config const& from, std::shared_ptr<shared_state> shared);

  /// A route or profile name; `provider/model`; a bare model that exactly one provider owns. Fault: model_missing with
  /// the nearest names.
  chat::result<plan> find(std::string_view model) const;

  config::config const& settings() const { return config_; }
  std::vector<std::unique_ptr<service>> const& services() const { return services_; }
  std::vector<route> const& routes() const { return routes_; }
  service const* find_service(std::string_view name) const;
  shared_state& shared() const { return *shared_; }

  /// The lane on which an outcome of `t` with credential number `c` is recorded. A model that only a client named gets
  /// a lane (and metrics) of its own once it has worked; before, it shares the provider's lane `provider/other`.
  std::shared_ptr<lane> lane_of(target const& t, std::size_t c, bool worked) const;
  /// What the model is known to be able to do: the registry, then the provider's own list, then the operator.
  providers::capabilities capabilities_of(service const& provider, std::string_view model) const;
  usage::route_series const* direct_series() const { return direct_series_; }

  /// Everything that can be typed into `model` and is known, sorted.
  std::vector<model_index::entry> listed_models() const;

 private:
  chat::result<plan> find_bare(std::string_view model) const;
  chat::fault unknown_model(std::string_view model) const;
  std::vector<std::string> known_names() const;

  /// Working it out takes microseconds, so it is remembered until a list changes.
  struct capability_memo {
    struct by_text {
      using is_transparent = void;
      std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    struct entry {
      std::uint64_t generation = 0;
      providers::capabilities what;
    };
    std::shared_mutex mutex;
    std::unordered_map<std::string, entry, by_text, std::equal_to<>> known;
  };

  config::config config_;
  std::shared_ptr<shared_state> shared_;
  std::map<service const*, std::unique_ptr<capability_memo>> memos_;
  std::vector<std::unique_ptr<service>> services_;
  std::vector<route> routes_;
  std::unordered_map<std::string, std::size_t> route_by_name_;
  usage::route_series const* direct_series_ = nullptr;
};

/// Orders a route's targets for one request.
std::vector<target const*> order_targets(route const& from);

}  // namespace recloser::routing
