#pragma once
// The chunks of a stream differ from one to the next in little but the new text. Once a chunk was read and checked in
// full, the next one only has to be compared with it: the same bytes around a text that is a well-formed string. That is
// an exact test, not a guess, and costs a tenth of reading the chunk.

#include <array>
#include <string>
#include <string_view>

#include "dialects/edits.hpp"

namespace recloser::dialects::openai_chat {

class chunk_memo {
 public:
  /// Learns from a chunk that was written as `edits` say. `text` is the inside of the string that carries the new text,
  /// `padding` that of another string that changes every time (OpenAI's `obfuscation`), or empty.
  void learn(json::edit_list const& edits, std::string_view text, std::string_view padding);

  void forget() { known_ = false; }

  /// When `data` is that chunk with another text, appends the event that the client is to get for it.
  bool write_event(std::string_view data, std::string& out) const;

 private:
  static constexpr std::size_t most_holes = 2;

  /// A text around the parts that change, with the places of those.
  struct shape {
    std::string text;  // without what stood in the holes
    std::array<std::size_t, most_holes> holes{};
  };
  using hole_texts = std::array<std::string_view, most_holes>;

  bool match(std::string_view data, hole_texts& texts) const;

  bool known_ = false;
  bool edited_ = false;
  std::size_t holes_ = 0;
  shape in_;
  shape out_;  // unused when nothing was edited
};

}  // namespace recloser::dialects::openai_chat
