#pragma once
// One line per request, text or JSON: what was asked of whom, what came of it, how long it took. Never content, never a
// secret. A worker appends to its own buffer; a thread of its own writes the buffers out, so a full disk or a slow
// terminal never holds up a request.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "chat/usage.hpp"
#include "config/config.hpp"

namespace recloser::server {

struct access_entry {
  std::string_view id;
  std::string_view method;
  std::string_view path;    ///< without query; bounded and escaped by the log
  int status = 0;           ///< what the client saw; 499: it left before
  std::string_view key;     ///< name of the client's key, if any
  std::string_view route;
  std::string_view target;
  std::size_t attempts = 0;
  std::string_view fault;   ///< class, empty when it went well
  std::string_view dropped;  ///< names of parameters, comma-separated
  std::string_view session;
  chat::usage usage;
  std::chrono::microseconds own{0};
  std::chrono::microseconds upstream{0};
  std::chrono::microseconds first_token{0};
};

class access_log {
 public:
  access_log(config::log_format format, int fd);
  ~access_log();

  void write(access_entry const& entry);

 private:
  void run();
  void flush(std::string& lines);

  config::log_format format_;
  int fd_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string lines_;           // bounded: what does not fit is counted, not kept
  std::uint64_t lost_ = 0;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace recloser::server
