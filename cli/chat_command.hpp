#pragma once
// What a line typed into the chat means.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recloser::cli {

enum class chat_verb { say, model, provider, models, usage, clear, system, save, help, quit, wrong };

struct chat_command {
  chat_verb verb = chat_verb::say;
  std::string argument;  ///< the message, the name, the text, the file; verb wrong: what to tell the user
  std::string model;     ///< of `/provider NAME --model MODEL`
};

/// A line that begins with `/` and a word is a command. A path (`/etc/hosts …`) is not, nor is anything after a space.
chat_command read_chat_line(std::string_view line);

struct chat_help {
  std::string_view name;      ///< `/model`
  std::string_view argument;  ///< `NAME`
  std::string_view text;
};
std::span<chat_help const> chat_commands();

/// What may stand in the place of the last word of `line`: command names, model names after `/model`, provider names
/// after `/provider`. Whole replacements for that word, sorted.
std::vector<std::string> complete(std::string_view line, std::vector<std::string> const& models,
                                  std::vector<std::string> const& providers);

}  // namespace recloser::cli
