// A stand-in for a model provider, fast enough never to be what a benchmark measures.
//
//   bench_upstream --listen 127.0.0.1:9100
//
// POST .../chat/completions answers in OpenAI's shape and POST .../messages in Anthropic's,
// streamed when the body says "stream":true. What a stream looks like is in the model name:
//
//   bench-small               8 chunks at once
//   bench-burst-<chunks>      all chunks as fast as the socket takes them
//   bench-paced-<chunks>-<ms> one chunk every <ms>
//   bench-idle-<seconds>      one chunk, then silence for <seconds>, then the end
//
// Each content chunk carries its number as ~n~, so that the reader can prove that none is missing.
//
// One thread, edge-triggered epoll. A whole answer is built once per kind of request and kept;
// serving it again is only a send from that copy, up to the byte that the clock allows.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t max_head = 64 * 1024;
constexpr std::size_t max_body = 64 * 1024 * 1024;
constexpr std::size_t max_kept_replies = 256;
constexpr std::size_t write_size = 16 * 1024;  // a TLS record: what a real provider sends at a time
constexpr int small_stream_chunks = 8;

enum class shape { openai, anthropic };

// ---------------------------------------------------------------------------------------------------
// What to answer

// A whole answer. After k intervals the bytes before cuts[k] may be sent; the last cut is the end.
struct reply {
  std::string bytes;
  std::vector<std::size_t> cuts;
  milliseconds interval{0};

  void pause() { cuts.push_back(bytes.size()); }
};

// What the model name asks of a stream.
struct pace {
  int chunks = small_stream_chunks;
  milliseconds interval{0};
  bool pause_before_each_chunk = false;  // paced
  bool pause_before_end = false;         // idle
};

pace pace_of(const std::string& model) {
  int chunks = 0;
  int time = 0;
  pace p;
  if (std::sscanf(model.c_str(), "bench-burst-%d", &chunks) == 1) {
    p.chunks = std::clamp(chunks, 1, 100'000);
  } else if (std::sscanf(model.c_str(), "bench-paced-%d-%d", &chunks, &time) == 2) {
    p.chunks = std::clamp(chunks, 1, 100'000);
    p.interval = milliseconds(std::clamp(time, 1, 60'000));
    p.pause_before_each_chunk = true;
  } else if (std::sscanf(model.c_str(), "bench-idle-%d", &time) == 1) {
    p.chunks = 1;
    p.interval = milliseconds(1000 * std::clamp(time, 1, 3'600));
    p.pause_before_end = true;
  }
  return p;
}

constexpr std::string_view json_head =
    "HTTP/1.1 200 OK\r\n"
    "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "content-type: application/json\r\n"
    "x-request-id: req_0123456789abcdef0123456789abcdef\r\n"
    "x-ratelimit-remaining-requests: 9999\r\n"
    "content-length: ";

constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\n"
    "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "content-type: text/event-stream; charset=utf-8\r\n"
    "x-request-id: req_0123456789abcdef0123456789abcdef\r\n"
    "x-ratelimit-remaining-requests: 9999\r\n"
    "cache-control: no-cache\r\n"
    "transfer-encoding: chunked\r\n\r\n";

constexpr std::string_view answer_text =
    "A recloser opens a line on a fault and closes it again on its own when the line is well.";

std::string json_reply(std::string_view body) {
  return std::string(json_head) + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// Every event travels as an HTTP chunk of its own, as providers send them.
void append_http_chunk(std::string& out, std::string_view payload) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", payload.size());
  out.append(size).append(payload).append("\r\n");
}

std::string numbered_text(int n) { return " ~" + std::to_string(n) + "~"; }

std::string openai_body(const std::string& model) {
  return R"({"id":"chatcmpl-B0nchB0nchB0nchB0nchB0nchB0nc","object":"chat.completion",)"
         R"("created":1767225600,"model":")" +
         model + R"(","choices":[{"index":0,"message":{"role":"assistant","content":")" + std::string(answer_text) +
         R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],)"
         R"("usage":{"prompt_tokens":25,"completion_tokens":21,"total_tokens":46,)"
         R"("prompt_tokens_details":{"cached_tokens":0},)"
         R"("completion_tokens_details":{"reasoning_tokens":0}},)"
         R"("system_fingerprint":"fp_0123456789"})";
}

std::string anthropic_body(const std::string& model) {
  return R"({"id":"msg_01B0nchB0nchB0nchB0nchB0","type":"message","role":"assistant","model":")" + model +
         R"(","content":[{"type":"text","text":")" + std::string(answer_text) +
         R"("}],"stop_reason":"end_turn","stop_sequence":null,)"
         R"("usage":{"input_tokens":25,"cache_creation_input_tokens":0,)"
         R"("cache_read_input_tokens":0,"output_tokens":21,"service_tier":"standard"}})";
}

reply openai_stream(const std::string& model, const pace& p, bool with_usage) {
  const std::string start = R"(data: {"id":"chatcmpl-B0nchB0nchB0nchB0nchB0nchB0nc","object":"chat.completion.chunk",)"
                            R"("created":1767225600,"model":")" +
                            model + R"(","system_fingerprint":"fp_0123456789",)" +
                            (with_usage ? R"("usage":null,)" : "");
  reply r{std::string(stream_head), {}, p.interval};
  const auto delta = [&](const std::string& content, const char* finish) {
    append_http_chunk(r.bytes, start + R"("choices":[{"index":0,"delta":)" + content +
                                   R"(,"logprobs":null,"finish_reason":)" + finish + "}]}\n\n");
  };
  delta(R"({"role":"assistant","content":"","refusal":null})", "null");
  for (int n = 0; n < p.chunks; ++n) {
    if (p.pause_before_each_chunk) r.pause();
    delta(R"({"content":")" + numbered_text(n) + R"("})", "null");
  }
  if (p.pause_before_end) r.pause();
  delta("{}", R"("stop")");
  if (with_usage) {
    append_http_chunk(r.bytes,
                      R"(data: {"id":"chatcmpl-B0nchB0nchB0nchB0nchB0nchB0nc","object":"chat.completion.chunk",)"
                      R"("created":1767225600,"model":")" +
                          model +
                          R"(","system_fingerprint":"fp_0123456789","choices":[],"usage":{"prompt_tokens":25,)"
                          R"("completion_tokens":)" +
                          std::to_string(p.chunks) + R"(,"total_tokens":)" + std::to_string(p.chunks + 25) + "}}\n\n");
  }
  append_http_chunk(r.bytes, "data: [DONE]\n\n");
  r.bytes += "0\r\n\r\n";
  r.pause();
  return r;
}

reply anthropic_stream(const std::string& model, const pace& p) {
  reply r{std::string(stream_head), {}, p.interval};
  const auto event = [&](std::string_view name, std::string_view members) {
    append_http_chunk(r.bytes, "event: " + std::string(name) + "\ndata: {\"type\":\"" + std::string(name) + '"' +
                                   std::string(members) + "}\n\n");
  };
  event("message_start", R"(,"message":{"id":"msg_01B0nchB0nchB0nchB0nchB0","type":"message","role":"assistant",)"
                         R"("model":")" +
                             model +
                             R"(","content":[],"stop_reason":null,"stop_sequence":null,)"
                             R"("usage":{"input_tokens":25,"cache_creation_input_tokens":0,)"
                             R"("cache_read_input_tokens":0,"output_tokens":1}})");
  event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");
  event("ping", "");
  for (int n = 0; n < p.chunks; ++n) {
    if (p.pause_before_each_chunk) r.pause();
    event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":")" + numbered_text(n) + R"("})");
  }
  if (p.pause_before_end) r.pause();
  event("content_block_stop", R"(,"index":0)");
  event("message_delta", R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":)" +
                             std::to_string(p.chunks) + "}");
  event("message_stop", "");
  r.bytes += "0\r\n\r\n";
  r.pause();
  return r;
}

// ---------------------------------------------------------------------------------------------------
// What was asked

// A top-level member is looked for near both ends of the body only, whatever lies between is
// prompt. Reading 400 KB of prompt for it would make this program the slowest in the chain.
std::string body_ends(std::string_view body) {
  constexpr std::size_t window = 4096;
  if (body.size() <= 2 * window) return std::string(body);
  return std::string(body.substr(0, window)).append(body.substr(body.size() - window));
}

// The text after `"name":`, or nothing when there is no such member.
std::optional<std::string_view> member(std::string_view json, std::string_view quoted_name) {
  const auto skip_space = [&](std::size_t at) { return json.find_first_not_of(" \t\r\n", at); };
  const std::size_t found = json.find(quoted_name);
  if (found == json.npos) return {};
  const std::size_t colon = skip_space(found + quoted_name.size());
  if (colon == json.npos || json[colon] != ':') return {};
  const std::size_t value = skip_space(colon + 1);
  if (value == json.npos) return {};
  return json.substr(value);
}

bool is_true(std::string_view json, std::string_view quoted_name) {
  const auto value = member(json, quoted_name);
  return value && value->starts_with("true");
}

std::string model_of(std::string_view json) {
  const auto value = member(json, R"("model")");
  if (!value || !value->starts_with('"')) return "unnamed";
  return std::string(value->substr(1, value->find('"', 1) - 1));
}

std::optional<std::size_t> content_length(std::string_view head) {
  constexpr std::string_view name = "content-length:";
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at)) {
    at += 2;
    if (strncasecmp(head.data() + at, name.data(), std::min(name.size(), head.size() - at)) == 0) {
      return std::strtoull(head.data() + at + name.size(), nullptr, 10);
    }
  }
  return {};
}

// ---------------------------------------------------------------------------------------------------
// Serving

struct connection {
  int fd = -1;
  std::string in;
  std::size_t request_size = 0;  // head and body together; 0 until the head is complete
  std::shared_ptr<const reply> out;
  std::size_t sent = 0;
  std::size_t cut = 0;  // how many intervals have passed
  steady::time_point started;
  std::uint64_t stream = 0;  // tells a timer whether it is still meant
  bool closing = false;
};

struct timer {
  steady::time_point due;
  int fd;
  std::uint64_t stream;
  bool operator>(const timer& other) const { return due > other.due; }
};

class server {
 public:
  explicit server(int listener) : listener_(listener), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    watch(listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> events(512);
    for (;;) {
      const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
      for (int i = 0; i < n; ++i) {
        if (events[i].data.fd == listener_) {
          accept_all();
        } else if (connection* c = find(events[i].data.fd)) {
          serve(*c);
        }
      }
      fire_timers();
    }
  }

 private:
  void watch(int fd, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  connection* find(int fd) {
    return static_cast<std::size_t>(fd) < connections_.size() ? connections_[fd].get() : nullptr;
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (static_cast<std::size_t>(fd) >= connections_.size()) connections_.resize(fd + 1);
      connections_[fd] = std::make_unique<connection>();
      connections_[fd]->fd = fd;
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
    }
  }

  void serve(connection& c) {
    if (!receive(c) || !answer(c)) {
      close(c.fd);
      connections_[c.fd].reset();
    }
  }

  // Reads all there is. False when the peer is gone.
  bool receive(connection& c) {
    for (;;) {
      const ssize_t n = recv(c.fd, buffer_.data(), buffer_.size(), 0);
      if (n > 0) {
        c.in.append(buffer_.data(), static_cast<std::size_t>(n));
        // A short read has emptied the socket: whatever comes later brings a new event.
        if (static_cast<std::size_t>(n) < buffer_.size()) return c.in.size() <= max_head + max_body;
      } else if (n == 0) {
        return false;
      } else if (errno != EINTR) {
        return errno == EAGAIN;
      }
    }
  }

  // Sends what may be sent, then turns to the next request on the connection. False to close it.
  bool answer(connection& c) {
    for (;;) {
      if (!c.out && !take_request(c)) {
        const bool endless_head = c.request_size == 0 && c.in.size() > max_head;
        return !endless_head;
      }
      if (!send_ready(c)) return false;
      if (c.sent < c.out->bytes.size()) return true;
      c.out.reset();
      if (c.closing) return false;
    }
  }

  // Starts the answer to a complete request. False when there is none yet.
  bool take_request(connection& c) {
    if (c.request_size == 0) {
      const std::size_t end = c.in.find("\r\n\r\n");
      if (end == c.in.npos) return false;
      const auto head = std::string_view(c.in).substr(0, end + 2);
      c.request_size = end + 4 + std::min(content_length(head).value_or(0), max_body);
      c.in.reserve(c.request_size);
    }
    if (c.in.size() < c.request_size) return false;

    c.out = reply_to(std::string_view(c.in).substr(0, c.request_size), c.closing);
    c.in.erase(0, c.request_size);
    c.request_size = 0;
    c.sent = 0;
    c.cut = 0;
    c.stream = ++streams_;
    if (c.out->interval.count() > 0) {
      c.started = steady::now();
      schedule(c);
    }
    return true;
  }

  std::shared_ptr<const reply> reply_to(std::string_view request, bool& closing) {
    const std::size_t head_end = request.find("\r\n\r\n");
    const auto line = request.substr(0, request.find("\r\n"));
    const auto path = line.substr(0, line.rfind(' '));
    if (line.starts_with("GET "))
      return keep("GET", [] {  // probes and model lists
        return whole(json_reply(R"({"object":"list","data":[]})"));
      });

    const bool openai = path.ends_with("/chat/completions");
    if (!line.starts_with("POST ") || !(openai || path.ends_with("/messages"))) {
      closing = true;
      return keep("404",
                  [] { return whole("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"); });
    }
    if (!content_length(request.substr(0, head_end + 2))) {
      closing = true;  // a chunked request body: no proxy under test has a reason to send one
      return keep("411", [] {
        return whole("HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      });
    }

    const std::string ends = body_ends(request.substr(head_end + 4));
    const std::string model = model_of(ends);
    if (!is_true(ends, R"("stream")")) {
      return keep((openai ? "openai " : "anthropic ") + model,
                  [&] { return whole(json_reply(openai ? openai_body(model) : anthropic_body(model))); });
    }
    if (!openai) {
      return keep("anthropic stream " + model, [&] { return anthropic_stream(model, pace_of(model)); });
    }
    const bool with_usage = is_true(ends, R"("include_usage")");
    return keep((with_usage ? "openai stream usage " : "openai stream ") + model,
                [&] { return openai_stream(model, pace_of(model), with_usage); });
  }

  static reply whole(std::string bytes) {
    reply r{std::move(bytes), {}, milliseconds(0)};
    r.pause();
    return r;
  }

  template <typename Make>
  std::shared_ptr<const reply> keep(const std::string& kind, Make make) {
    if (const auto found = replies_.find(kind); found != replies_.end()) return found->second;
    if (replies_.size() >= max_kept_replies) replies_.clear();  // model names come from outside
    return replies_[kind] = std::make_shared<const reply>(make());
  }

  // Sends up to the current cut. False when the peer is gone.
  bool send_ready(connection& c) {
    const std::size_t end = c.out->cuts[c.cut];
    while (c.sent < end) {
      const std::size_t size = std::min(end - c.sent, write_size);
      const ssize_t n = send(c.fd, c.out->bytes.data() + c.sent, size, MSG_NOSIGNAL);
      if (n >= 0) {
        c.sent += static_cast<std::size_t>(n);
      } else if (errno != EINTR) {
        return errno == EAGAIN;
      }
    }
    return true;
  }

  void schedule(const connection& c) {
    if (c.cut + 1 < c.out->cuts.size()) {
      timers_.push({c.started + c.out->interval * (c.cut + 1), c.fd, c.stream});
    }
  }

  void fire_timers() {
    if (timers_.empty()) return;
    const auto now = steady::now();
    while (!timers_.empty() && timers_.top().due <= now) {
      const timer t = timers_.top();
      timers_.pop();
      connection* c = find(t.fd);
      if (!c || !c->out || c->stream != t.stream) continue;
      ++c->cut;
      schedule(*c);
      serve(*c);
    }
  }

  int wait_ms() const {
    if (timers_.empty()) return -1;
    const auto wait = std::chrono::ceil<milliseconds>(timers_.top().due - steady::now()).count();
    return static_cast<int>(std::clamp<long long>(wait, 0, 60'000));
  }

  int listener_;
  int epoll_;
  std::vector<std::unique_ptr<connection>> connections_;  // by descriptor
  std::unordered_map<std::string, std::shared_ptr<const reply>> replies_;
  std::priority_queue<timer, std::vector<timer>, std::greater<>> timers_;
  std::uint64_t streams_ = 0;
  std::vector<char> buffer_ = std::vector<char>(1024 * 1024);
};

int listen_on(const std::string& host, int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
      bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 8192) != 0) {
    std::perror("bench_upstream: listen");
    std::exit(1);
  }
  return fd;
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string listen = argc == 3 && argv[1] == std::string_view("--listen") ? argv[2] : "";
  const std::size_t colon = listen.rfind(':');
  if (colon == listen.npos) {
    std::fprintf(stderr, "usage: bench_upstream --listen 127.0.0.1:PORT\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  server(listen_on(listen.substr(0, colon), std::atoi(listen.c_str() + colon + 1))).run();
}
