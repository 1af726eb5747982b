#include "server/app.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <netinet/in.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/connect.hpp"
#include "providers/row.hpp"
#include "routing/discovery.hpp"
#include "server/guard.hpp"
#include "server/worker.hpp"

namespace recloser::server {

namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Our own log goes to stderr; stdout is the access log's.
void set_up_log(std::string const& level) {
  auto logger = std::make_shared<spdlog::logger>("recloser", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

std::string problems_text(config::loaded const& what) {
  constexpr std::size_t shown = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(what.problems.size(), shown); ++i) {
    text += config::to_string(what.problems[i], what.value.file) + "\n";
  }
  if (what.problems.size() > shown) text += fmt::format("… and {} more\n", what.problems.size() - shown);
  return text;
}

/// SO_REUSEPORT would let a second daemon share the port silently. A plain bind finds out.
void refuse_busy_port(config::listener const& where) {
  for (net::address const& a : net::literal_addresses(where.host, where.port)) {
    int const fd = ::socket(a.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    int const on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a.storage.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    int const failed = ::bind(fd, reinterpret_cast<sockaddr const*>(&a.storage), a.size) == 0 ? 0 : errno;
    ::close(fd);
    if (failed == EADDRINUSE) {
      throw std::runtime_error(net::to_string(a) +
                               " is in use by another process; stop it or choose another port with --listen");
    }
  }
}

std::vector<listening> make_listening(config::server const& settings) {
  std::vector<listening> result;
  for (config::listener const& one : settings.listeners) {
    listening made;
    made.settings = one;
    if (one.tls) made.tls = net::server_tls(one.tls->certificate, one.tls->key, one.tls->client_ca);
    made.loopback = is_loopback_name(one.host) || one.host == "::1";
    refuse_busy_port(one);
    result.push_back(std::move(made));
  }
  return result;
}

std::string url_of(listening const& one) {
  bool const v6 = one.settings.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", one.tls ? "https" : "http", v6 ? "[" : "", one.settings.host, v6 ? "]" : "",
                     one.settings.port);
}

bool same_listeners(config::server const& a, config::server const& b) {
  auto same = [](config::listener const& x, config::listener const& y) { return x.host == y.host && x.port == y.port; };
  return std::equal(a.listeners.begin(), a.listeners.end(), b.listeners.begin(), b.listeners.end(), same);
}

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int const s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, s);
  return signals;
}

/// Before the first thread is made, so that every thread has them blocked and `run` takes them one by one.
void block_signals() {
  sigset_t const signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

/// The running daemon.
class daemon {
 public:
  daemon(options const& from, config::config const& settings) : from_(from), all_(settings) {
    all_.set_table(std::make_shared<routing::table>(settings, all_.routing));
    all_.reload = [this] { return reload(); };
  }

  int run();

 private:
  std::string reload();
  void start_workers();
  void announce() const;
  void drain(sigset_t const& signals);

  options from_;
  shared all_;
  std::mutex reload_mutex_;
  std::vector<listening> listening_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::thread> threads_;
};

std::string daemon::reload() {
  std::lock_guard const lock(reload_mutex_);
  config::loaded const next = load(from_);
  std::string problems = problems_text(next);
  if (problems.empty()) {
    try {
      auto const before = all_.table();
      all_.set_table(std::make_shared<routing::table>(next.value, all_.routing));
      if (!same_listeners(before->settings().server, next.value.server) ||
          before->settings().server.workers != next.value.server.workers) {
        spdlog::warn("listeners and workers only change with a restart");
      }
    } catch (std::exception const& e) {
      problems = e.what();
    }
  }
  all_.metrics.config_reload(problems.empty());
  if (problems.empty()) {
    for (std::string const& warning : next.value.warnings) spdlog::warn("{}", warning);
    spdlog::info("configuration reloaded");
  } else {
    spdlog::error("configuration not reloaded, the old one stays:\n{}", problems);
  }
  return problems;
}

void daemon::start_workers() {
  auto const held = all_.table();
  config::server const& settings = held->settings().server;
  listening_ = make_listening(settings);
  unsigned const count = settings.workers ? settings.workers : std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) workers_.push_back(std::make_unique<worker>(all_, listening_));
  for (auto const& w : workers_) threads_.emplace_back([&w] { w->run(); });
}

void daemon::announce() const {
  auto const held = all_.table();
  config::config const& settings = held->settings();
  for (listening const& one : listening_) spdlog::info("listening on {}", url_of(one));
  spdlog::info("configuration: {}", settings.file.empty() ? "none (from the environment)" : settings.file);
  for (std::string const& warning : settings.warnings) spdlog::warn("{}", warning);
  for (config::provider const& p : settings.providers) {
    if (p.insecure_skip_verify) spdlog::warn("providers.{}: insecure_skip_verify is on, TLS certificates are NOT checked", p.name);
  }
}

void daemon::drain(sigset_t const& signals) {
  auto const limit = all_.table()->settings().server.drain_timeout;
  spdlog::info("draining: no new connections, running requests have {} s", limit.count() / 1000);
  all_.draining = true;
  all_.ready = false;
  for (auto const& w : workers_) w->drain(limit);
  // A second signal cuts what still runs. The helper thread is ended by the same signal at the latest.
  std::atomic<bool> done{false};
  std::thread impatient([&] {
    timespec const moment{0, 50'000'000};
    while (!done) {
      int const again = sigtimedwait(&signals, nullptr, &moment);
      if (again == SIGTERM || again == SIGINT) {
        for (auto const& w : workers_) w->cut();
      }
    }
  });
  for (std::thread& t : threads_) t.join();
  done = true;
  impatient.join();
}

int daemon::run() {
  sigset_t const signals = handled_signals();
  start_workers();
  all_.ready = true;
  announce();
  {
    routing::discovery const finder([this] { return all_.table(); });
    for (int received = 0; received != SIGTERM && received != SIGINT;) {
      sigwait(&signals, &received);
      if (received == SIGHUP) reload();
    }
    drain(signals);
  }
  spdlog::info("drained, bye");
  return 0;
}

}  // namespace

std::vector<config::known_provider> known_providers() {
  std::vector<config::known_provider> result;
  for (providers::row const& row : providers::catalog()) {
    config::known_provider known;
    known.name = row.name;
    known.aliases.assign(row.aliases.begin(), row.aliases.end());
    known.key_variables.assign(row.key_variables.begin(), row.key_variables.end());
    known.url_variables.assign(row.url_variables.begin(), row.url_variables.end());
    bool const cloud = row.auth == providers::auth_kind::aws || row.auth == providers::auth_kind::google ||
                       row.auth == providers::auth_kind::azure;
    known.needs_base_url = row.base_urls.empty() && (!cloud || row.deployments);
    known.needs_key = !row.local && !cloud && !known.needs_base_url && row.auth != providers::auth_kind::none;
    known.local = row.local;
    known.settings.assign(row.settings.begin(), row.settings.end());
    known.enabling.assign(row.enabling_variables.begin(), row.enabling_variables.end());
    known.default_port = row.default_port;
    if (row.local && !row.dialect) known.default_path = "/v1";
    result.push_back(std::move(known));
  }
  config::known_provider demo;
  demo.name = "demo";
  demo.needs_key = false;
  demo.built_in = true;
  result.push_back(std::move(demo));
  return result;
}

config::loaded load(options const& from) {
  config::environment const env = config::process_environment();
  std::string const file = config::find_file(from.config_file, env);
  auto const catalog = known_providers();
  config::loaded result = file.empty() ? config::from_environment(catalog, env) : config::load_file(file, catalog, env);
  if (!from.listen.empty()) config::apply_listen(result, from.listen);
  return result;
}

int run(options const& from) {
  umask(077);
  block_signals();
  raise_descriptor_limit();
  config::loaded const loaded = load(from);
  if (!loaded.problems.empty()) {
    fmt::print(stderr, "{}", problems_text(loaded));
    return 1;
  }
  set_up_log(loaded.value.server.log_level);
  try {
    return daemon(from, loaded.value).run();
  } catch (std::system_error const& e) {
    fmt::print(stderr, "recloser cannot start: {}\n", e.what());
  } catch (std::exception const& e) {
    fmt::print(stderr, "recloser cannot start: {}\n", e.what());
  }
  return 1;
}

}  // namespace recloser::server
