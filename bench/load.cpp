// A closed-loop load generator for chat endpoints that proves what it received.
//
//   bench_load --to 127.0.0.1:4100 --model bench-small --connections 8 --duration 2
//
// Each connection sends a request, reads the whole answer, and sends the next. With --stream the
// answer must be a complete OpenAI stream: the numbered chunks of bench_upstream in order and none
// missing, a usage chunk exactly when asked for, `[DONE]` last. Prints one JSON object; exits 1
// when anything was wrong or lost.
//
// One thread, edge-triggered epoll.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;
using seconds_d = std::chrono::duration<double>;

// ---------------------------------------------------------------------------------------------------
// Options

struct options {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string path = "/v1/chat/completions";
  std::string model = "bench-small";
  int connections = 1;
  double duration = 0;       // seconds; 0: until `requests` are done
  long requests = 0;         // 0: until `duration` is over
  std::size_t prompt = 100;  // bytes of prompt text
  bool stream = false;
  bool usage = false;       // ask for the usage chunk
  long expect_chunks = -1;  // content chunks per stream; -1: any number without a gap
  double ramp = 0;          // seconds over which the connections are opened
  double timeout = 120;     // seconds for the whole run
  bool announce = false;    // say "streaming" on stderr when every connection has its first event
};

constexpr const char* usage_text =
    "usage: bench_load --to HOST:PORT [--path P] [--model M] [--connections N]\n"
    "                  (--requests N | --duration S) [--prompt BYTES] [--stream] [--usage]\n"
    "                  [--expect-chunks N] [--ramp S] [--timeout S] [--announce]\n";

[[noreturn]] void bad_usage(const char* what) {
  std::fprintf(stderr, "bench_load: %s\n%s", what, usage_text);
  std::exit(2);
}

options parse_options(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const bool is_switch = name == "--stream" || name == "--usage" || name == "--announce";
    if (!is_switch && i + 1 == argc) bad_usage(("no value for " + name).c_str());
    given[name] = is_switch ? "1" : argv[++i];
  }
  const auto take = [&](const char* name, auto set) {
    if (const auto found = given.find(name); found != given.end()) {
      set(found->second);
      given.erase(found);
    }
  };
  options o;
  take("--to", [&](const std::string& v) {
    const std::size_t colon = v.rfind(':');
    if (colon == v.npos) bad_usage("--to needs HOST:PORT");
    o.host = v.substr(0, colon);
    o.port = std::atoi(v.c_str() + colon + 1);
  });
  take("--path", [&](const std::string& v) { o.path = v; });
  take("--model", [&](const std::string& v) { o.model = v; });
  take("--connections", [&](const std::string& v) { o.connections = std::atoi(v.c_str()); });
  take("--duration", [&](const std::string& v) { o.duration = std::atof(v.c_str()); });
  take("--requests", [&](const std::string& v) { o.requests = std::atol(v.c_str()); });
  take("--prompt", [&](const std::string& v) { o.prompt = std::strtoull(v.c_str(), nullptr, 10); });
  take("--stream", [&](const std::string&) { o.stream = true; });
  take("--usage", [&](const std::string&) { o.usage = true; });
  take("--expect-chunks", [&](const std::string& v) { o.expect_chunks = std::atol(v.c_str()); });
  take("--ramp", [&](const std::string& v) { o.ramp = std::atof(v.c_str()); });
  take("--timeout", [&](const std::string& v) { o.timeout = std::atof(v.c_str()); });
  take("--announce", [&](const std::string&) { o.announce = true; });
  if (!given.empty()) bad_usage(("unknown option " + given.begin()->first).c_str());
  if (o.port == 0) bad_usage("--to is missing");
  if (o.connections < 1 || o.connections > 50'000) bad_usage("--connections is out of range");
  if (o.requests <= 0 && o.duration <= 0) bad_usage("--requests or --duration is missing");
  return o;
}

// Prose with the line ends and quotes of real prompts, which a translator must escape again.
std::string prompt_text(std::size_t size) {
  constexpr std::string_view line =
      R"(The breaker said \"open\" and the line went quiet; then it closed, and the light was back.\n)";
  std::string text;
  text.reserve(size + line.size());
  while (text.size() < size) text += line;
  // Not within an escape: the parser on the other side would rightly refuse it.
  std::size_t end = size;
  while (end > 0 && text[end - 1] == '\\') --end;
  text.resize(end);
  return text;
}

std::string build_request(const options& o) {
  std::string body = R"({"model":")" + o.model +
                     R"(","messages":[{"role":"system","content":"You are a helpful assistant."},)"
                     R"({"role":"user","content":")" +
                     prompt_text(o.prompt) + R"("}],"max_tokens":256,"temperature":0.7)";
  if (o.stream) body += R"(,"stream":true)";
  if (o.usage) body += R"(,"stream_options":{"include_usage":true})";
  body += '}';
  return "POST " + o.path + " HTTP/1.1\r\nhost: " + o.host + ':' + std::to_string(o.port) +
         "\r\nauthorization: Bearer test\r\ncontent-type: application/json\r\n"
         "accept: application/json\r\nuser-agent: bench_load\r\ncontent-length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// ---------------------------------------------------------------------------------------------------
// Reading answers

// Takes an HTTP/1.1 response apart as it comes and hands the body bytes on.
class response_reader {
 public:
  enum class state { head, fixed, chunk_size, chunk_data, chunk_end, trailer, done, broken };

  void restart() {
    state_ = state::head;
    line_.clear();
    status_ = 0;
    body_size_ = 0;
    close_ = false;
  }

  // Returns how many bytes belonged to this response; stops behind its last byte.
  template <typename OnBody>
  std::size_t feed(std::string_view data, OnBody on_body) {
    std::size_t at = 0;
    while (at < data.size() && !finished()) {
      if (state_ == state::fixed || state_ == state::chunk_data) {
        const std::size_t size = std::min(left_, data.size() - at);
        on_body(data.substr(at, size));
        at += size;
        left_ -= size;
        body_size_ += size;
        if (left_ == 0) state_ = state_ == state::fixed ? state::done : state::chunk_end;
      } else {
        const std::size_t end = data.find('\n', at);
        const std::size_t stop = end == data.npos ? data.size() : end + 1;
        line_.append(data.substr(at, stop - at));
        at = stop;
        if (line_.size() > 64 * 1024) state_ = state::broken;
        if (end != data.npos) {
          take_line(std::string_view(line_).substr(0, line_.find_last_not_of("\r\n") + 1));
          line_.clear();
        }
      }
    }
    return at;
  }

  bool started() const { return status_ != 0 || !line_.empty(); }
  bool finished() const { return state_ == state::done || state_ == state::broken; }
  bool broken() const { return state_ == state::broken; }
  bool closes() const { return close_; }
  int status() const { return status_; }
  std::size_t body_size() const { return body_size_; }

 private:
  void take_line(std::string_view line) {
    switch (state_) {
      case state::head: take_head_line(line); break;
      case state::chunk_size: {
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
        state_ = error != std::errc{} ? state::broken : left_ == 0 ? state::trailer : state::chunk_data;
        break;
      }
      case state::chunk_end: state_ = line.empty() ? state::chunk_size : state::broken; break;
      default:  // trailer
        if (line.empty()) state_ = state::done;
    }
  }

  void take_head_line(std::string_view line) {
    if (status_ == 0) {
      status_ = line.size() > 12 ? std::atoi(line.data() + 9) : 0;
      chunked_ = false;
      has_length_ = false;
      if (status_ == 0) state_ = state::broken;
    } else if (line.empty()) {
      state_ = chunked_ ? state::chunk_size : !has_length_ ? state::broken : left_ == 0 ? state::done : state::fixed;
    } else if (is_field(line, "content-length:")) {
      has_length_ = true;
      left_ = std::strtoull(line.data() + 15, nullptr, 10);
    } else if (is_field(line, "transfer-encoding:")) {
      chunked_ = line.find("chunked") != line.npos;
    } else if (is_field(line, "connection:")) {
      close_ = line.find("close") != line.npos;
    }
  }

  static bool is_field(std::string_view line, std::string_view name) {
    return line.size() >= name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
  }

  state state_ = state::head;
  std::string line_;
  int status_ = 0;
  std::size_t left_ = 0;
  std::size_t body_size_ = 0;
  bool chunked_ = false;
  bool has_length_ = false;
  bool close_ = false;
};

// Follows a stream of OpenAI chunks and notices what is missing.
class stream_check {
 public:
  void restart() { *this = stream_check(); }

  void feed(std::string_view data) {
    while (!data.empty()) {
      const std::size_t end = data.find('\n');
      if (end == data.npos) {
        partial_.append(data);
        return;
      }
      if (partial_.empty()) {
        take_line(data.substr(0, end));
      } else {
        partial_.append(data.substr(0, end));
        take_line(partial_);
        partial_.clear();
      }
      data.remove_prefix(end + 1);
    }
  }

  long events() const { return events_; }
  long chunks() const { return chunks_; }

  // What is wrong with the stream that has ended, or nullptr.
  const char* fault(const options& o) const {
    if (out_of_order_) return "a chunk was missing, repeated or out of order";
    if (o.expect_chunks >= 0 && chunks_ != o.expect_chunks) return "chunks were lost";
    if (usages_ != (o.usage ? 1 : 0)) return "wrong number of usage chunks";
    if (!done_) return "no [DONE] at the end";
    return nullptr;
  }

 private:
  void take_line(std::string_view line) {
    if (!line.starts_with("data:")) return;
    ++events_;
    if (done_) out_of_order_ = true;
    if (line.find("[DONE]") != line.npos) {
      done_ = true;
      return;
    }
    if (line.find(R"("choices":[])") != line.npos) ++usages_;
    // Chunk numbers stand between tildes; one event may hold several when a gateway joins deltas.
    for (std::size_t at = line.find('~'); at != line.npos; at = line.find('~', at)) {
      const std::size_t close = line.find('~', ++at);
      if (close == line.npos) break;
      long number = -1;
      std::from_chars(line.data() + at, line.data() + close, number);
      if (number != chunks_++) out_of_order_ = true;
      at = close + 1;
    }
  }

  std::string partial_;
  long events_ = 0;
  long chunks_ = 0;
  int usages_ = 0;
  bool done_ = false;
  bool out_of_order_ = false;
};

// ---------------------------------------------------------------------------------------------------
// The loop

struct connection {
  int fd = -1;
  std::size_t written = 0;
  bool busy = false;
  steady::time_point sent_at;
  response_reader response;
  stream_check stream;
};

struct samples {
  std::vector<float> micros;

  void add(steady::duration d) { micros.push_back(std::chrono::duration<float, std::micro>(d).count()); }
  double quantile(double q) {
    if (micros.empty()) return 0;
    const auto nth = micros.begin() + static_cast<std::ptrdiff_t>(q * (micros.size() - 1));
    std::nth_element(micros.begin(), nth, micros.end());
    return *nth;
  }
};

class generator {
 public:
  explicit generator(const options& o) : o_(o), request_(build_request(o)), connections_(o.connections) {}

  void run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    start_ = steady::now();
    std::vector<epoll_event> events(512);
    while (!over()) {
      open_due_connections();
      const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
      for (int i = 0; i < n; ++i) serve(connections_[events[i].data.u32]);
    }
    seconds_ = elapsed();
    for (const connection& c : connections_) {
      if (c.busy) fail("unfinished at the end of the time allowed");
    }
  }

  // One JSON object. True when all went well.
  bool report() {
    std::printf(
        "{\"requests\": %ld, \"errors\": %ld, \"reconnects\": %ld, \"seconds\": %.4f, "
        "\"rps\": %.1f, \"latency_p50_us\": %.1f, \"latency_p99_us\": %.1f, "
        "\"ttft_p50_us\": %.1f, \"ttft_p99_us\": %.1f, \"first_event_p50_us\": %.1f, \"events\": %ld, \"chunks\": %ld, "
        "\"lost_chunks\": %ld, \"body_bytes\": %zu, \"request_bytes\": %zu, "
        "\"first_error\": \"%s\"}\n",
        completed_, errors_, reconnects_, seconds_, completed_ / std::max(seconds_, 1e-9), latency_.quantile(0.5),
        latency_.quantile(0.99), ttft_.quantile(0.5), ttft_.quantile(0.99), first_event_.quantile(0.5), events_, chunks_, lost_chunks_, body_bytes_,
        request_.size(), first_error_.c_str());
    return errors_ == 0 && completed_ > 0;
  }

 private:
  static constexpr long max_errors = 10'000;  // whatever is broken then will not mend

  double elapsed() const { return seconds_d(steady::now() - start_).count(); }

  bool more_to_send() const {
    if (o_.requests > 0 && issued_ >= o_.requests) return false;
    return o_.duration <= 0 || elapsed() < o_.duration;
  }

  bool over() const {
    if (errors_ >= max_errors || elapsed() >= o_.timeout) return true;
    return in_flight_ == 0 && !more_to_send();
  }

  int wait_ms() const {
    if (opened_ < connections_.size()) return 1;
    return 100;  // only so that the limits on time are looked at
  }

  void open_due_connections() {
    const double part = o_.ramp <= 0 ? 1 : std::min(1.0, elapsed() / o_.ramp);
    const auto due = static_cast<std::size_t>(part * static_cast<double>(connections_.size()));
    while (opened_ < due && more_to_send()) {
      connection& c = connections_[opened_++];
      open(c);
      begin(c);
    }
  }

  void open(connection& c) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(o_.port));
    inet_pton(AF_INET, o_.host.c_str(), &address.sin_addr);
    c.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connect(c.fd, reinterpret_cast<sockaddr*>(&address), sizeof address);  // its error comes later
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u32 = static_cast<std::uint32_t>(&c - connections_.data());
    epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
  }

  void begin(connection& c) {
    ++issued_;
    ++in_flight_;
    c.busy = true;
    c.written = 0;
    c.response.restart();
    c.stream.restart();
    c.sent_at = steady::now();
    write_request(c);
  }

  // Errors show up again, and are handled, when the answer is read.
  void write_request(connection& c) {
    while (c.written < request_.size()) {
      const ssize_t n = send(c.fd, request_.data() + c.written, request_.size() - c.written, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return;
      c.written += static_cast<std::size_t>(n);
    }
  }

  void serve(connection& c) {
    if (c.fd < 0) return;
    if (c.busy) write_request(c);
    for (;;) {
      const ssize_t n = recv(c.fd, buffer_.data(), buffer_.size(), 0);
      if (n > 0) {
        if (!take(c, {buffer_.data(), static_cast<std::size_t>(n)})) return;
      } else if (n < 0 && errno == EINTR) {
        continue;
      } else if (n < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
        return;
      } else {
        lose(c, n < 0 ? std::strerror(errno) : "connection closed");
        return;
      }
    }
  }

  // Takes in what was read. False when the connection should not be read further now.
  bool take(connection& c, std::string_view data) {
    if (!c.busy) {
      fail("bytes that nobody asked for");
      drop(c);
      return false;
    }
    const long events_before = c.stream.events();
    const long chunks_before = c.stream.chunks();
    c.response.feed(data, [&](std::string_view body) {
      if (o_.stream) c.stream.feed(body);
    });
    if (events_before == 0 && c.stream.events() > 0) {
      first_event_.add(steady::now() - c.sent_at);
      if (o_.announce && ++streaming_ == o_.connections) std::fputs("streaming\n", stderr);
    }
    // A token is what a user can read: the role chunk before it is none.
    if (chunks_before == 0 && c.stream.chunks() > 0) ttft_.add(steady::now() - c.sent_at);
    if (!c.response.finished()) return true;
    finish(c);
    return false;  // the next answer cannot be here yet, its event will be
  }

  void finish(connection& c) {
    latency_.add(steady::now() - c.sent_at);
    c.busy = false;
    --in_flight_;
    ++completed_;
    body_bytes_ += c.response.body_size();
    count_stream(c);
    if (c.response.broken()) {
      fail("malformed response");
    } else if (c.response.status() != 200) {
      fail("status " + std::to_string(c.response.status()));
    } else if (c.response.body_size() == 0) {
      fail("empty body");
    } else if (const char* fault = o_.stream ? c.stream.fault(o_) : nullptr) {
      fail(fault);
    }
    if (c.response.broken() || c.response.closes()) {
      if (more_to_send()) reopen(c);
    } else if (more_to_send()) {
      begin(c);
    }
  }

  // The peer closed, or there was no connection in the first place.
  void lose(connection& c, const std::string& why) {
    if (c.busy) {
      fail(c.response.started() ? why + " within an answer" : why);
      count_stream(c);
      c.busy = false;
      --in_flight_;
    }
    if (more_to_send()) {
      reopen(c);
    } else {
      drop(c);
    }
  }

  void count_stream(const connection& c) {
    events_ += c.stream.events();
    chunks_ += c.stream.chunks();
    if (o_.expect_chunks > c.stream.chunks()) lost_chunks_ += o_.expect_chunks - c.stream.chunks();
  }

  void drop(connection& c) {
    ::close(c.fd);
    c.fd = -1;
  }

  void reopen(connection& c) {
    ++reconnects_;
    drop(c);
    open(c);
    begin(c);
  }

  void fail(const std::string& why) {
    if (errors_++ == 0) first_error_ = why;
  }

  const options o_;
  const std::string request_;
  std::vector<connection> connections_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  int epoll_ = -1;
  std::size_t opened_ = 0;
  int streaming_ = 0;
  steady::time_point start_;
  double seconds_ = 0;
  long issued_ = 0;
  long in_flight_ = 0;
  long completed_ = 0;
  long errors_ = 0;
  long reconnects_ = 0;
  long events_ = 0;
  long chunks_ = 0;
  long lost_chunks_ = 0;
  std::size_t body_bytes_ = 0;
  samples latency_;
  samples ttft_;
  samples first_event_;
  std::string first_error_;
};

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  const options o = parse_options(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  generator g(o);
  g.run();
  return g.report() ? 0 : 1;
}
