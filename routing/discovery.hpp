#pragma once
// Asks providers which models they have, on a thread and a loop of its own: local servers often, clouds rarely. What it
// learns goes into the shared model index and into the health of endpoints. Requests never wait for it.

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "routing/table.hpp"

namespace recloser::routing {

/// Model names of a provider's answer to its list request: `{"data":[{"id":…}]}`, a bare array, or `{"models":[…]}`.
/// `body` must be padded.
model_index::list read_model_list(service const& provider, std::string_view body);

class discovery {
 public:
  using current_table = std::function<std::shared_ptr<table const>()>;

  explicit discovery(current_table table);
  /// Stops and waits for its thread.
  ~discovery();

 private:
  net::task<> ask(std::shared_ptr<table const> held, service const& provider);
  void round();

  current_table table_;
  net::loop loop_;
  net::pool pool_;
  net::alarm next_round_;
  std::map<std::string, net::time_point> due_;  // by provider
  std::set<net::cancel_scope*> asking_;         // one per provider that is being asked
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace recloser::routing
