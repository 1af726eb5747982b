#pragma once
// The items of a streamed answer that have begun and not ended, and the reasoning whose consequence has not come yet.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/text.hpp"

namespace recloser::dialects::openai_responses {

/// Bytes of one text that is kept while its item goes on. Longer ones are hostile, and forgotten.
inline constexpr std::size_t longest_kept = 1u << 20;

enum class item_type { other, message, function_call, reasoning };

/// Items of the provider's own tools and new kinds are `other`. xAI has left the type of messages out.
item_type type_of_item(chat::raw_json item);

/// Who a reasoning item is heard through.
enum class voice { nobody, summary, reasoning };

/// Where an event says that it belongs. Look-alikes leave out one or the other.
struct item_place {
  std::optional<std::int64_t> position;  ///< `output_index`
  chat::raw_text id;
};

struct output_item {
  item_type type = item_type::other;
  std::optional<int> number;  ///< function_call: told to the client, under this number
  bool has_arguments = false;
  std::string early_arguments;  ///< that came with the beginning; escaped
  bool said = false;            ///< message: words of it came
  voice speaks = voice::nobody;
  std::optional<std::int64_t> position = {};
  std::string id = {};
};

class output_items {
 public:
  /// A new item; one that was at its place is forgotten.
  output_item& open(item_place const& where, item_type type);

  /// Null when there is none. An event that names no place is about the youngest.
  output_item* find(item_place const& where);

  void close(item_place const& where);

  std::vector<output_item>& all() { return items_; }

 private:
  std::vector<output_item> items_;
};

/// Encrypted reasoning waits for what it leads to: see seal.hpp.
class waiting_seals {
 public:
  void add(chat::raw_text item_id, chat::raw_text encrypted);

  /// All that wait, as texts for the client: they led to this call, or with an empty id to words.
  std::vector<std::string> take(chat::raw_text call_id);

  /// They led to something that does not come back, and alone they would be refused.
  void forget() { waiting_.clear(); }

 private:
  struct reasoning {
    std::string item_id;
    std::string encrypted;
  };
  std::vector<reasoning> waiting_;
};

}  // namespace recloser::dialects::openai_responses
