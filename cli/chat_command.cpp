#include "cli/chat_command.hpp"

#include <algorithm>
#include <array>

#include "cli/text.hpp"
#include "config/load.hpp"

namespace recloser::cli {

namespace {

struct entry {
  chat_help help;
  chat_verb verb;
};

constexpr std::array table{
    entry{{"/model", "NAME", "go on with another model; the conversation is kept"}, chat_verb::model},
    entry{{"/provider", "NAME [--model M]", "the same model at another provider, or one of its models"},
          chat_verb::provider},
    entry{{"/models", "[WORD]", "list the models, or those with WORD in their name"}, chat_verb::models},
    entry{{"/usage", "", "tokens of the last answer and of the conversation"}, chat_verb::usage},
    entry{{"/system", "TEXT", "set the system prompt; `/system off` takes it away"}, chat_verb::system},
    entry{{"/clear", "", "forget the conversation; model and system prompt stay"}, chat_verb::clear},
    entry{{"/save", "FILE", "write the conversation to a file: Markdown, or JSON when it ends in .json"},
          chat_verb::save},
    entry{{"/help", "", "this list"}, chat_verb::help},
    entry{{"/quit", "", "leave (also Ctrl-D)"}, chat_verb::quit},
};

constexpr auto helps = [] {
  std::array<chat_help, table.size()> result{};
  for (std::size_t i = 0; i < table.size(); ++i) result[i] = table[i].help;
  return result;
}();

entry const* find(std::string_view word) {
  if (word == "/exit") word = "/quit";
  auto const found = std::find_if(table.begin(), table.end(), [&](entry const& e) { return e.help.name == word; });
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> command_names() {
  std::vector<std::string> result;
  for (entry const& e : table) result.emplace_back(e.help.name);
  return result;
}

chat_command wrong(std::string what) { return {chat_verb::wrong, std::move(what), {}}; }

chat_command unknown(std::string_view word) {
  std::string const near = config::nearest(word, command_names());
  std::string const hint = near.empty() ? "/help lists the commands" : "did you mean " + near + "?";
  return wrong("there is no command " + printable(word) + "; " + hint);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> result;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    std::size_t const end = std::min(text.find_first_of(" \t\n"), text.size());
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return result;
}

/// `NAME`, `NAME MODEL`, `NAME --model MODEL`, `NAME --model=MODEL`.
chat_command read_provider(std::string_view rest) {
  chat_command result{chat_verb::provider, {}, {}};
  std::vector<std::string> names;
  for (std::string& word : words_of(rest)) {
    constexpr std::string_view with_value = "--model=";
    if (word == "--model" || word == "-m") continue;
    if (word.starts_with(with_value)) word.erase(0, with_value.size());
    if (word.starts_with('-')) return wrong("/provider knows only --model; write /provider NAME [--model MODEL]");
    names.push_back(std::move(word));
  }
  if (names.size() > 2) return wrong("write /provider NAME [--model MODEL]");
  if (!names.empty()) result.argument = names[0];
  if (names.size() == 2) result.model = names[1];
  return result;
}

/// The first word is a command's, not a path.
bool is_command(std::string_view line) {
  if (!line.starts_with('/')) return false;
  std::string_view const word = line.substr(1, line.find_first_of(" \t\n") - 1);
  return !word.empty() && word.find('/') == std::string_view::npos;
}

}  // namespace

std::span<chat_help const> chat_commands() { return helps; }

chat_command read_chat_line(std::string_view line) {
  if (!is_command(line)) return {chat_verb::say, std::string(trim(line)), {}};
  std::size_t const end = std::min(line.find_first_of(" \t\n"), line.size());
  entry const* const known = find(line.substr(0, end));
  if (!known) return unknown(line.substr(0, end));
  std::string_view const rest = trim(line.substr(end));
  if (known->verb == chat_verb::provider) return read_provider(rest);
  if (known->verb == chat_verb::save && rest.empty()) return wrong("write /save FILE");
  if (known->verb == chat_verb::model && rest.find_first_of(" \t\n") != std::string_view::npos) {
    return wrong("a model's name is one word; write /model NAME");
  }
  return {known->verb, std::string(rest), {}};
}

std::vector<std::string> complete(std::string_view line, std::vector<std::string> const& models,
                                  std::vector<std::string> const& providers) {
  if (!line.starts_with('/')) return {};
  std::size_t const space = line.rfind(' ');
  std::string_view const word = line.substr(space == std::string_view::npos ? 0 : space + 1);
  std::vector<std::string> candidates;
  std::string_view const command = line.substr(0, line.find(' '));
  bool const second = std::count(line.begin(), line.end(), ' ') == 1;
  if (space == std::string_view::npos)
    candidates = command_names();
  else if (command == "/model" && second)
    candidates = models;
  else if (command == "/provider" && second)
    candidates = providers;
  std::erase_if(candidates, [&](std::string const& c) { return !c.starts_with(word); });
  std::sort(candidates.begin(), candidates.end());
  return candidates;
}

}  // namespace recloser::cli
