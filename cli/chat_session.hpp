#pragma once
// A conversation in the terminal: its turns, the model that answers next, what it used. Pure: no terminal, no network.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace recloser::cli {

struct token_counts {
  std::int64_t prompt = 0;
  std::int64_t cached = 0;  ///< of the prompt
  std::int64_t completion = 0;
  std::int64_t reasoning = 0;  ///< of the completion
  bool known = false;

  token_counts& operator+=(token_counts const& more);
};

struct turn {
  enum class speaker { user, assistant };
  speaker who = speaker::user;
  std::string text;
  std::string model;  ///< of an assistant's turn
};

class chat_session {
 public:
  chat_session(std::string model, std::string system) : model_(std::move(model)), system_(std::move(system)) {}

  std::string const& model() const { return model_; }
  void set_model(std::string name) { model_ = std::move(name); }
  std::string const& system() const { return system_; }
  void set_system(std::string text) { system_ = std::move(text); }
  std::vector<turn> const& turns() const { return turns_; }
  void clear();

  /// The body of `POST /v1/chat/completions` that asks for the answer to `message`, streamed and with usage.
  std::string request_body(std::string_view message) const;

  /// The message was answered, at least in part: both become turns.
  void settle(std::string message, std::string answer_text, token_counts const& used);
  /// Nothing came, but tokens may have been used.
  void count(token_counts const& used);

  token_counts const& last_usage() const { return last_; }
  token_counts const& total_usage() const { return total_; }
  int answers() const { return answers_; }

  std::string as_markdown() const;
  std::string as_json() const;  ///< model, messages and usage

 private:
  std::string model_;
  std::string system_;
  std::vector<turn> turns_;
  token_counts last_;
  token_counts total_;
  int answers_ = 0;
};

/// `/usage`: two lines.
std::string usage_text(chat_session const& of);

/// What the session can switch to.
struct choices {
  std::vector<std::string> models;  ///< as listed: `provider/model`, and the routes
  std::vector<std::string> routes;
  std::vector<std::string> providers;  ///< configured names
};

/// Where `/provider name` (or `--provider name`) leads.
struct switched {
  enum class result { model, choose, unknown, needs_model };
  result how = result::unknown;
  std::string model;                    ///< how model: the full name
  std::vector<std::string> candidates;  ///< how choose
  std::string note;                     ///< for the user; may be empty
};
switched switch_provider(std::string_view provider, std::string_view model, std::string_view current,
                         choices const& known);

/// The model to begin with when none was named: the first route, else the only model there is besides the demo.
switched first_model(choices const& known);

}  // namespace recloser::cli
