#pragma once
// What an assistant's turn with tool calls left behind that most clients do not send back: its reasoning and the
// provider's seals. The same provider wants it again (DeepSeek, Gemini, Anthropic, OpenAI Responses); nobody else does.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chat/request.hpp"

namespace recloser::chat {

struct turn_memory {
  struct block {
    part_kind kind = part_kind::thinking;  ///< thinking or redacted_thinking
    std::string text;                      ///< escaped
    std::string signature;
    std::string data;
  };
  std::string model;  ///< who thought it, as the provider names itself; escaped
  std::vector<block> blocks;
  std::vector<std::pair<std::string, std::string>> calls;  ///< id of each call, and its seal or nothing

  std::string reasoning() const {
    std::string all;
    for (block const& each : blocks) all += each.text;
    return all;
  }
};

/// Finds a turn by the id of one of its calls, as the client was given it (escaped). Null: nothing is known.
using recall = std::function<std::shared_ptr<turn_memory const>(raw_text tool_call_id)>;

}  // namespace recloser::chat
