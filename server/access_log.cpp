#include "server/access_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include "dialects/json.hpp"

namespace recloser::server {

namespace {

constexpr std::size_t max_buffered = 8u << 20;
constexpr std::size_t max_path = 200;
constexpr auto flush_every = std::chrono::milliseconds(100);

/// Control characters and quotes of a request never reach the log as they are (log injection).
void append_safe(std::string_view text, std::string& out) { json::escape(text.substr(0, max_path), out); }

void append_time(std::string& out) {
  thread_local std::time_t last = 0;
  thread_local char text[32];
  auto const now = std::chrono::system_clock::now();
  std::time_t const second = std::chrono::system_clock::to_time_t(now);
  if (second != last) {
    std::tm parts{};
    gmtime_r(&second, &parts);
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    last = second;
  }
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  fmt::format_to(std::back_inserter(out), "{}.{:03}Z", text, ms);
}

double ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

void append_text(access_entry const& e, std::string& out) {
  append_time(out);
  fmt::format_to(std::back_inserter(out), " {} {} ", e.id, e.method);
  append_safe(e.path, out);
  fmt::format_to(std::back_inserter(out), " {}", e.status);
  auto optional = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(" ").append(name).append("=");
    append_safe(value, out);
  };
  optional("key", e.key);
  optional("route", e.route);
  optional("target", e.target);
  optional("fault", e.fault);
  optional("session", e.session);
  optional("dropped", e.dropped);
  if (e.attempts) fmt::format_to(std::back_inserter(out), " attempts={}", e.attempts);
  if (e.usage.known) {
    fmt::format_to(std::back_inserter(out), " in={} cached={} out={}", e.usage.prompt(), e.usage.in_cache_read,
                   e.usage.completion());
  }
  fmt::format_to(std::back_inserter(out), " own={:.3f}ms", ms(e.own));
  if (e.upstream.count()) fmt::format_to(std::back_inserter(out), " upstream={:.3f}ms", ms(e.upstream));
  if (e.first_token.count()) fmt::format_to(std::back_inserter(out), " first={:.3f}ms", ms(e.first_token));
  out += '\n';
}

void append_json(access_entry const& e, std::string& out) {
  out += "{\"time\":\"";
  append_time(out);
  fmt::format_to(std::back_inserter(out), "\",\"id\":\"{}\",\"method\":\"{}\",\"path\":\"", e.id, e.method);
  append_safe(e.path, out);
  fmt::format_to(std::back_inserter(out), "\",\"status\":{}", e.status);
  auto optional = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(",\"").append(name).append("\":\"");
    append_safe(value, out);
    out += '"';
  };
  optional("key", e.key);
  optional("route", e.route);
  optional("target", e.target);
  optional("fault", e.fault);
  optional("session", e.session);
  optional("dropped", e.dropped);
  fmt::format_to(std::back_inserter(out), ",\"attempts\":{}", e.attempts);
  if (e.usage.known) {
    fmt::format_to(std::back_inserter(out), ",\"input_tokens\":{},\"cached_tokens\":{},\"output_tokens\":{}",
                   e.usage.prompt(), e.usage.in_cache_read, e.usage.completion());
  }
  fmt::format_to(std::back_inserter(out), ",\"own_ms\":{:.3f},\"upstream_ms\":{:.3f},\"first_token_ms\":{:.3f}}}\n",
                 ms(e.own), ms(e.upstream), ms(e.first_token));
}

}  // namespace

access_log::access_log(config::log_format format, int fd) : format_(format), fd_(fd) {
  if (format_ != config::log_format::off) writer_ = std::thread([this] { run(); });
}

access_log::~access_log() {
  if (!writer_.joinable()) return;
  {
    std::lock_guard const lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
}

void access_log::write(access_entry const& entry) {
  if (format_ == config::log_format::off) return;
  thread_local std::string line;
  line.clear();
  if (format_ == config::log_format::json) append_json(entry, line);
  else append_text(entry, line);
  std::lock_guard const lock(mutex_);
  if (lines_.size() + line.size() > max_buffered) {
    ++lost_;
  } else {
    lines_ += line;
  }
}

void access_log::run() {
  std::string lines;
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, flush_every, [&] { return stopping_; });
      stopping = stopping_;
      lines.swap(lines_);
      if (lost_) lines += fmt::format("access log: {} lines lost, the writer could not keep up\n", std::exchange(lost_, 0));
    }
    flush(lines);
  }
}

void access_log::flush(std::string& lines) {
  std::string_view rest = lines;
  while (!rest.empty()) {
    ssize_t const n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno != EINTR && errno != EAGAIN) break;
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
    else std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  lines.clear();
}

}  // namespace recloser::server
