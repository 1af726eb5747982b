#pragma once
// The messages of a conversation as Anthropic and Bedrock want them (providers-native.md §1.5, §4.4): system texts apart,
// user and assistant in turn, every tool call answered at the head of the next user turn, ids legal and unique, nothing
// blank.

#include <string>
#include <vector>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/loss.hpp"
#include "dialects/tool_ids.hpp"

namespace recloser::dialects {

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

/// In what the providers differ.
struct turn_rules {
  /// Why an image or a document cannot be sent; empty: it can.
  std::string (*media_problem)(chat::part const& part);
  bool text_files_as_words = false;  ///< the block of a text file holds its words, unpacked
  id_form ids = id_form::word;
};

/// What stands where a turn must say something and nothing was said.
inline constexpr std::string_view filler = ".";

/// Faults: parts that the provider has no block for. The result points into `wanted`.
chat::result<conversation> take_turns(chat::request const& wanted, turn_rules const& rules);

/// A conversation that ends with the assistant asks for its continuation. Models that do not take that (`allowed`) are
/// asked in words.
void settle_prefill(conversation& talk, bool allowed, loss_report& lost);

}  // namespace recloser::dialects
