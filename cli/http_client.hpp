#pragma once
// One HTTP request at a time, for commands: blocks until the answer is there, gives a stream out as it arrives, and can
// be stopped by Ctrl-C. Runs the daemon's own network code on a loop of its own.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recloser::cli {

struct answer {
  int status = 0;                                            ///< 0: none came, or it broke off; see `problem`
  std::string problem;                                       ///< why; empty when all is well
  bool refused = false;                                      ///< nobody listens there
  bool interrupted = false;                                  ///< by Ctrl-C
  std::string body;                                          ///< what was not given to `on_piece`
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case

  bool ok() const { return status == 200 && problem.empty(); }
  std::string_view header(std::string_view name) const;
};

class http_client {
 public:
  using header_list = std::vector<std::pair<std::string, std::string>>;
  using piece_taker = std::function<void(std::string_view)>;

  /// `url`: as `daemon_url` returns it. Throws std::runtime_error when the key cannot be sent as a header.
  http_client(std::string url, std::string const& key);

  std::string const& url() const { return url_; }

  /// From now on Ctrl-C closes the connection of the request at hand, and the process lives on.
  void make_interruptible() { interruptible_ = true; }

  /// `patience`: for the connection, and again for the answer to begin.
  answer get(std::string_view path, std::chrono::milliseconds patience = std::chrono::seconds(10)) const;

  /// Pieces of a 200 answer go to `on_piece` as they arrive.
  answer post_streamed(std::string_view path, std::string const& body, header_list const& more,
                       piece_taker const& on_piece) const;

 private:
  std::string url_;
  std::string authorization_;  // a header line or empty
  bool interruptible_ = false;
};

}  // namespace recloser::cli
