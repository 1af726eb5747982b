#pragma once
// The health record of a target with one credential. Shared by all workers: small and atomic. Survives a reload.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chat/fault.hpp"
#include "usage/metrics.hpp"

namespace recloser::routing {

struct lane {
  lane(std::string id, usage::target_series const* series) : id(std::move(id)), series(series) {}

  std::string const id;  ///< `openai/gpt-4o`, with `#2` for the second credential
  usage::target_series const* const series;  ///< its metrics
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> failures{0};              ///< outcomes that count against the lane
  std::atomic<std::uint32_t> consecutive_failures{0};
  std::atomic<std::int64_t> last_failure_unix_ms{0};   ///< 0: never
  std::atomic<int> last_fault{-1};                     ///< a chat::fault_class; -1: none yet

  /// The one place where an attempt's outcome is recorded. No fault: it went well.
  void record(chat::fault const* what, std::int64_t now_unix_ms);
};

/// All lanes of the process, found by provider, model and the credential's label. Bounded: names of models come from
/// clients.
class lane_registry {
 public:
  static constexpr std::size_t max_lanes = 4096;

  explicit lane_registry(usage::metrics& metrics) : metrics_(metrics) {}

  /// That lane, made if need be; when the registry is full, one that all the rest share.
  std::shared_ptr<lane> get(std::string_view provider, std::string_view model, std::string_view label);
  std::shared_ptr<lane> find(std::string const& id) const;
  std::vector<std::shared_ptr<lane>> all() const;

 private:
  usage::metrics& metrics_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<lane>, std::less<>> lanes_;
};

}  // namespace recloser::routing
