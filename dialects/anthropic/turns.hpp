#pragma once
// The messages of a conversation as Anthropic wants them (providers-native.md §1.5): system texts apart, user and
// assistant in turn, every tool call answered at the head of the next user turn, ids legal and unique, nothing blank.

#include <vector>

#include "chat/fault.hpp"
#include "chat/request.hpp"

namespace recloser::dialects::anthropic {

enum class block_kind { text, image, document, thinking, redacted_thinking, tool_use, tool_result, missing_result };

/// One content block, and what it is written from.
struct block {
  block_kind kind = block_kind::text;
  chat::raw_text text;               ///< text; of a text file its words
  chat::part const* part = nullptr;  ///< image, document, thinking, redacted_thinking, tool_use
  std::vector<block> inner;          ///< tool_result
  chat::raw_text id;                 ///< tool_use, tool_result, missing_result
  chat::raw_json cache_control;
};

struct turn {
  bool assistant = false;
  std::vector<block> blocks;
};

struct conversation {
  std::vector<block> system;
  std::vector<turn> turns;  ///< never empty; the first is the user's
  bool has_tools = false;   ///< a tool_use or tool_result is among the blocks
  chat::store store;        ///< ids and texts that had to be made
};

/// Faults: parts that Anthropic has no block for. The result points into `wanted`.
chat::result<conversation> take_turns(chat::request const& wanted);

}  // namespace recloser::dialects::anthropic
