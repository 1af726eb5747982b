#include "routing/lane.hpp"

namespace recloser::routing {

void lane::record(chat::fault const* what, std::int64_t now_unix_ms) {
  attempts.fetch_add(1, std::memory_order_relaxed);
  if (!what) {
    consecutive_failures.store(0, std::memory_order_relaxed);
    return;
  }
  last_fault.store(static_cast<int>(what->what), std::memory_order_relaxed);
  last_failure_unix_ms.store(now_unix_ms, std::memory_order_relaxed);
  if (!chat::effects_of(what->what).counts_against_lane) return;
  failures.fetch_add(1, std::memory_order_relaxed);
  consecutive_failures.fetch_add(1, std::memory_order_relaxed);
}

std::shared_ptr<lane> lane_registry::get(std::string_view provider, std::string_view model, std::string_view label) {
  std::string id;
  id.append(provider).append("/").append(model).append(label);
  std::lock_guard const lock(mutex_);
  if (auto const found = lanes_.find(id); found != lanes_.end()) return found->second;
  bool const full = lanes_.size() >= max_lanes;
  auto& made = lanes_[full ? "(other)" : id];
  if (!made) made = full ? std::make_shared<lane>("(other)", metrics_.target("other", "other"))
                         : std::make_shared<lane>(id, metrics_.target(provider, model));
  return made;
}

std::shared_ptr<lane> lane_registry::find(std::string const& id) const {
  std::lock_guard const lock(mutex_);
  auto const found = lanes_.find(id);
  return found == lanes_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<lane>> lane_registry::all() const {
  std::lock_guard const lock(mutex_);
  std::vector<std::shared_ptr<lane>> result;
  for (auto const& [id, one] : lanes_) result.push_back(one);
  return result;
}

}  // namespace recloser::routing
