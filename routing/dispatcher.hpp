#pragma once
// Takes a request through the targets of its plan until one has answered or none is left.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "routing/attempt.hpp"

namespace recloser::routing {

/// What became of a request.
struct outcome {
  std::optional<chat::fault> fault;  ///< none: answered
  bool committed = false;            ///< the client has an answer or a (broken) stream; else the edge sends the fault
  std::string route = "none";        ///< a configured name, `direct`, or `none` when the model is unknown
  usage::route_series const* series = nullptr;  ///< of that route; null for `none`
  std::string target;                ///< the last one tried
  std::size_t attempts = 0;
  std::vector<std::string> dropped;
  chat::usage usage;
  std::chrono::microseconds upstream{0};
  std::chrono::microseconds first_token{0};  ///< from the request's start; 0: nothing came
};

/// Serves `client` from `table`, which must outlive the call. Answers through `sink`; when nothing could be answered the
/// outcome carries the fault for the edge to write.
RECLOSER_OWN_FRAME net::task<outcome> dispatch(worker_context worker, table const& routes, call& client, reply_sink& sink);

}  // namespace recloser::routing
