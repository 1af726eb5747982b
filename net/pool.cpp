#include "net/pool.hpp"

#include <algorithm>

namespace recloser::net {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t max_idle_per_origin = 1024;
constexpr auto sweep_every = 1s;

bool is_usable(descriptor const& io) { return !io.peer_closed() && !io.has_unread(); }
}  // namespace

std::string_view to_string(clock_name clock) {
  switch (clock) {
    case clock_name::none: return "none";
    case clock_name::dns: return "dns";
    case clock_name::connect: return "connect";
    case clock_name::tls: return "tls";
    case clock_name::send: return "send";
    case clock_name::first_byte: return "first_byte";
    case clock_name::idle: return "idle";
    case clock_name::total: return "total";
  }
  return "";
}

pool::pool(loop& owner) : owner_(owner), resolver_(owner), sweeper_(owner, [this] { sweep(); }) {}

void pool::sweep() {
  bool any = false;
  for (auto& [key, list] : idle_) {
    std::erase_if(list, [&](idle const& i) { return i.close_at <= owner_.now() || !is_usable(i.stream->io()); });
    any = any || !list.empty();
  }
  if (any) sweeper_.after(sweep_every);
}

std::unique_ptr<stream> pool::take_idle(std::string const& key) {
  auto const found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  auto& list = found->second;
  while (!list.empty()) {
    idle last = std::move(list.back());
    list.pop_back();
    if (last.close_at > owner_.now() && is_usable(last.stream->io())) return std::move(last.stream);
  }
  return nullptr;
}

void pool::give_back(origin const& where, std::unique_ptr<stream> connection) {
  if (!is_usable(connection->io()) && !connection->is_tls()) return;
  auto& list = idle_[where.key];
  if (list.size() >= max_idle_per_origin) return;
  connection->io().never_expires();
  list.push_back({std::move(connection), owner_.now() + where.idle_limit});
  if (!sweeper_.armed()) sweeper_.after(sweep_every);
}

task<leased> pool::lease(origin const& where, bool fresh, cancel_scope& scope) {
  if (!fresh) {
    if (std::unique_ptr<stream> known = take_idle(where.key)) {
      ++reused_;
      leased result;
      result.stream = std::move(known);
      result.reused = true;
      co_return result;
    }
  }
  co_return co_await open(where, scope);
}

task<leased> pool::open(origin const& where, cancel_scope& scope) {
  leased result;
  std::vector<address> addresses =
      co_await resolver_.resolve(where.host, where.port, where.dns_limit, scope, result.problem);
  if (!where.metadata) std::erase_if(addresses, is_forbidden);
  if (addresses.empty()) {
    result.error = scope.cancelled() ? io_error::cancelled : io_error::dns;
    if (result.problem.empty()) result.problem = "the address is not allowed";
    co_return result;
  }
  connected made = co_await connect(owner_, std::move(addresses), steady::now() + where.connect_limit, scope);
  if (!made.stream) {
    resolver_.distrust(where.host);
    result.error = made.error;
    if (made.error == io_error::expired) result.clock = clock_name::connect;
    result.problem = to_string(made.error);
    co_return result;
  }
  if (where.tls) {
    made.stream->io().expires_at(steady::now() + where.tls_limit);
    cancel_scope::guard const guard(scope, made.stream->io());
    result.error = co_await made.stream->tls_connect(where.tls.get(), where.host, where.verify);
    if (result.error != io_error::none) {
      if (result.error == io_error::expired) result.clock = clock_name::tls;
      result.problem = result.error == io_error::tls ? made.stream->tls_problem() : std::string(to_string(result.error));
      co_return result;
    }
    made.stream->io().never_expires();
  }
  ++opened_;
  result.stream = std::move(made.stream);
  co_return result;
}

pool_counts pool::counts() const {
  pool_counts result{0, opened_, reused_};
  for (auto const& [key, list] : idle_) result.idle += list.size();
  return result;
}

}  // namespace recloser::net
