#pragma once
// A credential that runs out and is fetched anew: an access token, or AWS keys. One object for all workers; at most one
// fetch runs at a time, early enough that requests seldom wait for it.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chat/fault.hpp"
#include "net/pool.hpp"
#include "providers/aws_fetch.hpp"
#include "providers/azure_token.hpp"
#include "providers/google_fetch.hpp"
#include "providers/token_state.hpp"

namespace recloser::routing {

class fetched_credential : public std::enable_shared_from_this<fetched_credential> {
 public:
  using machine = std::variant<providers::aws_fetch, providers::azure_fetch, providers::google_fetch>;
  struct access_token {
    std::string text;
    std::string project;  ///< Google: of the machine, when only its metadata server knows it
  };
  /// What was fetched: one of the two.
  using value = std::variant<access_token, providers::aws_keys>;
  using shared_value = std::shared_ptr<value const>;

  /// `how` is asked again for every fetch. `tls` is for https requests.
  fetched_credential(machine how, net::tls_context tls) : how_(std::move(how)), tls_(std::move(tls)) {}

  /// The value at hand, or the next one. The fault says why there is none.
  net::task<chat::result<shared_value>> get(net::loop& loop, net::pool& pool, net::cancel_scope& scope);

  /// The provider refused it. True: a new one is worth another attempt.
  bool rejected();

 private:
  struct waiter {
    net::loop* loop;
    std::shared_ptr<net::signal> done;
  };

  /// What `get` can answer at once; nothing: it must wait for the fetch that now runs.
  std::optional<chat::result<shared_value>> at_hand(net::loop& loop, net::pool& pool, waiter const& who);
  void begin_fetch(net::loop& loop, net::pool& pool);
  void settle(chat::result<providers::expiring<value>> const& got);

  machine how_;
  net::tls_context tls_;
  std::mutex mutex_;
  providers::token_state state_;
  shared_value value_;
  chat::fault last_fault_;
  bool fetching_ = false;
  std::vector<waiter> waiters_;
};

}  // namespace recloser::routing
