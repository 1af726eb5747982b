#include "server/access_log.hpp"

#include <array>
#include <charconv>

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
  char const tail[5] = {'.', static_cast<char>('0' + ms / 100), static_cast<char>('0' + ms / 10 % 10),
                        static_cast<char>('0' + ms % 10), 'Z'};
  out.append(text).append(tail, 5);
}

enum field_name { id, method, path, status, key, route, target, fault, session, dropped, attempts, input_tokens, cached_tokens, output_tokens, own_ms, upstream_ms, first_token_ms };
constexpr std::array<std::string_view, 17> field_names = {
    "id", "method", "path", "status", "key", "route", "target", "fault", "session", "dropped", "attempts",
    "input_tokens", "cached_tokens", "output_tokens", "own_ms", "upstream_ms", "first_token_ms"};

/// What stands before and behind the values of a line: the only difference between the two forms.
struct form {
  form(std::string_view open, std::string_view before, std::string_view between, std::string_view quote, std::string_view close)
      : open(open), quote(quote), close(close) {
    for (std::size_t i = 0; i < field_names.size(); ++i) {
      std::string const name = std::string(before) + std::string(field_names[i]) + std::string(between);
      number_prefix[i] = name;
      text_prefix[i] = name + std::string(quote);
    }
  }
  std::string open, quote, close;
  std::array<std::string, field_names.size()> number_prefix, text_prefix;
};

form const& form_of(bool json) {
  static form const text_form("", " ", "=", "", "\n");
  static form const json_form("{\"time\":\"", ",\"", "\":", "\"", "}\n");
  return json ? json_form : text_form;
}

class line_writer {
 public:
  line_writer(form const& how, std::string& out) : how_(how), out_(out) {}

  void text(field_name name, std::string_view value) {
    if (value.empty()) return;
    out_ += how_.text_prefix[name];
    append_safe(value, out_);
    out_ += how_.quote;
  }
  void number(field_name name, std::int64_t value) {
    out_ += how_.number_prefix[name];
    append_number(value);
  }
  /// Milliseconds with three digits behind the point.
  void time(field_name name, std::chrono::microseconds value) {
    number(name, value.count() / 1000);
    char const digits[4] = {'.', static_cast<char>('0' + value.count() / 100 % 10),
                            static_cast<char>('0' + value.count() / 10 % 10), static_cast<char>('0' + value.count() % 10)};
    out_.append(digits, 4);
  }

 private:
  void append_number(std::int64_t value) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

  form const& how_;
  std::string& out_;
};

void append_line(access_entry const& e, bool json, std::string& out) {
  form const& how = form_of(json);
  line_writer w(how, out);
  out += how.open;
  append_time(out);
  out += how.quote;
  w.text(id, e.id);
  w.text(method, e.method);
  w.text(path, e.path);
  w.number(status, e.status);
  w.text(key, e.key);
  w.text(route, e.route);
  w.text(target, e.target);
  w.text(fault, e.fault);
  w.text(session, e.session);
  w.text(dropped, e.dropped);
  if (e.attempts || json) w.number(attempts, static_cast<std::int64_t>(e.attempts));
  if (e.usage.known) {
    w.number(input_tokens, e.usage.prompt());
    w.number(cached_tokens, e.usage.in_cache_read);
    w.number(output_tokens, e.usage.completion());
  }
  w.time(own_ms, e.own);
  w.time(upstream_ms, e.upstream);
  w.time(first_token_ms, e.first_token);
  out += how.close;
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
  append_line(entry, format_ == config::log_format::json, line);
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
