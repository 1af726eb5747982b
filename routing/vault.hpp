#pragma once
// Keeps what clients drop: reasoning and seals of turns with tool calls, until the same target needs them again.
// Bounded in bytes and age; shared by all workers, touched only by requests with tool calls. What one client key's
// conversation left behind is never given to another's.

#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "chat/memory.hpp"
#include "chat/reply.hpp"
#include "dialects/dialect.hpp"

namespace recloser::routing {

class vault {
 public:
  static constexpr std::size_t max_bytes = 64u << 20;
  static constexpr std::size_t max_turn = 1u << 20;
  static constexpr std::chrono::hours max_age{24};

  using clock = std::chrono::steady_clock;

  /// `owner`: the client's key and session; `target`: `provider/model`.
  void keep(std::string_view owner, std::string_view target, chat::turn_memory turn, clock::time_point now);
  std::shared_ptr<chat::turn_memory const> find(std::string_view owner, std::string_view target, chat::raw_text id,
                                                clock::time_point now);
  std::size_t bytes() const;

 private:
  struct entry {
    std::string key;
    std::shared_ptr<chat::turn_memory const> turn;
    std::size_t size = 0;
    clock::time_point kept_at;
  };
  void drop(std::list<entry>::iterator which);

  mutable std::mutex mutex_;
  std::list<entry> entries_;  // the oldest first
  std::unordered_map<std::string, std::list<entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
};

/// What a whole answer leaves behind. Without tool calls: nothing to keep, and no calls in it.
chat::turn_memory memory_of(chat::reply const& answer);

/// The events of `source`, and at the end what they leave behind is given to `keep`.
std::unique_ptr<dialects::event_source> remember(std::unique_ptr<dialects::event_source> source,
                                                 std::function<void(chat::turn_memory)> keep);

}  // namespace recloser::routing
