// The command line: what can be said, and which function does it.

#include <cstdio>
#include <exception>
#include <functional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/chat_terminal.hpp"
#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "config/address.hpp"
#include "config/load.hpp"
#include "server/app.hpp"

namespace recloser::cli {

namespace {

constexpr int usage_error = 2;

constexpr char const* overview = R"(Examples:
  recloser                                    start on 127.0.0.1:4100 with what the environment has
  recloser serve --config recloser.yaml
  recloser chat "Hello!"                      one answer from the running daemon
  recloser chat                               a conversation
  recloser explain --model smart              where a request for this model would go

The configuration is the first of: --config, $RECLOSER_CONFIG, ./recloser.yaml, ~/.config/recloser/recloser.yaml,
/etc/recloser/recloser.yaml. None is needed. Exit status: 0 good, 1 failed, 2 used in a wrong way.)";

constexpr char const* serve_examples = R"(Examples:
  recloser serve                               127.0.0.1:4100, with what the environment has
  recloser serve --config recloser.yaml
  recloser serve --listen 127.0.0.1:8080

SIGHUP reads the configuration again, SIGTERM lets running requests finish.)";

constexpr char const* check_footer =
    R"(Prints every problem as FILE:LINE: MESSAGE. Exit status: 0 good, 1 not, 2 no file.)";

constexpr char const* providers_examples = R"(Examples:
  recloser providers                       all of them; keys are never shown, only whether there is one
  recloser providers --provider groq       its variables, other names and quirks
  recloser providers --compare             what their models can do)";

constexpr char const* chat_examples = R"(Examples:
  recloser chat                                        a conversation with the first route or the only model
  recloser chat --provider anthropic --model claude-sonnet-4-5
  recloser chat --model smart "Design a REST API"      one answer on stdout
  git diff | recloser chat "Write a commit message"    the pipe's text follows the message

In the conversation: /provider openai --model gpt-4o goes on with another model, /help lists the rest.
The key to show comes from $RECLOSER_KEY, on this machine also from $OPENAI_API_KEY.)";

constexpr char const* models_footer =
    R"(Asks the running daemon. When none answers, or with --config, lists what the configuration names.
The key to show comes from $RECLOSER_KEY, on this machine also from $OPENAI_API_KEY.)";

constexpr char const* explain_examples = R"(Examples:
  recloser explain --model smart
  recloser explain --model openai/gpt-4o --config recloser.yaml --json)";

std::string check_listen(std::string& written) {
  auto const read = config::parse_listen(written);
  return read ? std::string() : written + " " + read.fault;
}

/// Also brings the URL into the form that the rest uses.
std::string check_url(std::string& written) {
  auto read = daemon_url(written);
  if (!read) return read.fault;
  written = std::move(*read.value);
  return {};
}

/// Everything that can be said, and what was.
class command_line {
 public:
  command_line();
  int run(int argc, char const* const* argv);

 private:
  CLI::App& command(std::string const& name, std::string const& text, std::function<int()> does);
  void add_config(CLI::App& to, std::string& into) const;
  void add_url(CLI::App& to, std::string& into) const;
  int wrong_usage(CLI::ParseError const& e) const;
  void add_serve();
  void add_listings();
  void add_chat();
  static void add_json(CLI::App& to, bool& into) { to.add_flag("--json", into, "Print one JSON document"); }

  CLI::App app_{"recloser: one address for every OpenAI SDK and every model provider.", "recloser"};
  std::function<int()> chosen_;
  server::options serve_;
  check_options check_;
  providers_options providers_;
  models_options models_;
  explain_options explain_;
  chat_options chat_;
  health_options health_;
};

CLI::App& command_line::command(std::string const& name, std::string const& text, std::function<int()> does) {
  CLI::App* const made = app_.add_subcommand(name, text);
  made->callback([this, does = std::move(does)] { chosen_ = does; });
  return *made;
}

void command_line::add_config(CLI::App& to, std::string& into) const {
  to.add_option("-c,--config", into, "Configuration file")->type_name("FILE");
}

void command_line::add_url(CLI::App& to, std::string& into) const {
  to.add_option("--url", into, "The daemon to ask (default: the one of this machine, http://127.0.0.1:4100)")
      ->type_name("URL")
      ->transform(CLI::Validator(check_url, ""));
}

void command_line::add_serve() {
  auto add_options = [this](CLI::App& to) {
    add_config(to, serve_.config_file);
    to.add_option("-l,--listen", serve_.listen, "Address to listen on, instead of the configured ones")
        ->type_name("HOST:PORT")
        ->check(CLI::Validator(check_listen, ""));
  };
  add_options(app_);
  CLI::App& serve_app =
      command("serve", "Run the gateway (also without any command)", [this] { return server::run(serve_); });
  add_options(serve_app);
  serve_app.footer(serve_examples);
}

void command_line::add_listings() {
  CLI::App& check_app = command("check", "Check a configuration file", [this] { return check(check_); });
  check_app.add_option("FILE", check_.file, "Configuration file (default: the one that serve would use)");
  add_json(check_app, check_.json);
  check_app.footer(check_footer);

  CLI::App& providers_app = command("providers", "List the providers and what is configured of them",
                                    [this] { return providers(providers_); });
  providers_app.add_option("-p,--provider", providers_.provider, "Everything about this one")->type_name("NAME");
  providers_app.add_flag("--compare", providers_.compare, "What their models can do: tools, context windows, vision");
  add_config(providers_app, providers_.config_file);
  add_json(providers_app, providers_.json);
  providers_app.footer(providers_examples);

  CLI::App& models_app = command("models", "List the models that can be asked for", [this] { return models(models_); });
  add_url(models_app, models_.url);
  add_config(models_app, models_.config_file);
  add_json(models_app, models_.json);
  models_app.footer(models_footer);

  CLI::App& explain_app = command("explain", "Show where a request for a model would go; nothing is sent",
                                  [this] { return explain(explain_); });
  explain_app.add_option("-m,--model", explain_.model, "Route, provider/model or model name")
      ->required()
      ->type_name("NAME");
  add_config(explain_app, explain_.config_file);
  add_json(explain_app, explain_.json);
  explain_app.footer(explain_examples);

  CLI::App& health_app = command("health", "Exit with 0 when the daemon is alive", [this] { return health(health_); });
  health_app.group("");  // hidden: for container health checks
  add_url(health_app, health_.url);
}

void command_line::add_chat() {
  CLI::App& chat_app =
      command("chat", "Talk to a model through the running daemon", [this] { return run_chat(chat_); });
  chat_app.add_option("-m,--model", chat_.model, "Route, provider/model or model name")->type_name("NAME");
  chat_app.add_option("-p,--provider", chat_.provider, "Provider; with --model, the model of it")->type_name("NAME");
  chat_app.add_option("-s,--system", chat_.system, "System prompt")->type_name("TEXT");
  add_url(chat_app, chat_.url);
  chat_app.add_option("MESSAGE", chat_.message, "Ask this, print the answer and end");
  chat_app.footer(chat_examples);
}

command_line::command_line() {
  app_.set_version_flag("--version", "recloser " RECLOSER_VERSION, "Print the version and end");
  app_.require_subcommand(0, 1);
  app_.get_formatter()->column_width(34);
  chosen_ = [this] { return server::run(serve_); };
  add_serve();
  add_listings();
  add_chat();
  app_.footer(overview);  // last, or every command would inherit it
}

int command_line::wrong_usage(CLI::ParseError const& e) const {
  if (app_.exit(e) == 0) return 0;  // --help and --version come this way, too
  std::vector<std::string> names;
  for (CLI::App const* const sub : app_.get_subcommands({})) names.push_back(sub->get_name());
  std::vector<std::string> const extras = app_.remaining();
  std::string const near = extras.empty() ? std::string() : config::nearest(extras.front(), names);
  if (!near.empty()) fmt::print(stderr, "Did you mean `recloser {}`?\n", near);
  return usage_error;
}

int command_line::run(int argc, char const* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    return wrong_usage(e);
  }
  // `recloser --config F explain …` means that file, too.
  for (std::string* const file : {&check_.file, &providers_.config_file, &models_.config_file, &explain_.config_file}) {
    if (file->empty()) *file = serve_.config_file;
  }
  return chosen_();
}

}  // namespace

}  // namespace recloser::cli

int main(int argc, char** argv) {
  try {
    return recloser::cli::command_line().run(argc, argv);
  } catch (std::exception const& e) {
    fmt::print(stderr, "recloser: {}\n", e.what());
    return 1;
  }
}
