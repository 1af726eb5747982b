#pragma once
// What the model found on the web, as OpenAI's annotations (providers-native.md §2.8).

#include <cstdint>
#include <string>
#include <vector>

#include "chat/text.hpp"

namespace recloser::dialects::gemini {

/// Places in an answer: Gemini counts bytes of UTF-8, OpenAI characters.
class text_positions {
 public:
  /// Takes the next piece of the answer, escaped.
  void add(chat::raw_text text);

  std::int64_t characters() const { return characters_; }
  std::int64_t character_at(std::int64_t byte) const;

 private:
  struct long_character {
    std::int64_t end = 0;      // byte behind it
    std::int64_t surplus = 0;  // bytes minus characters up to there
  };

  void add_character(std::int64_t bytes);

  std::vector<long_character> long_;  // characters of more than one byte; bounded, later ones are not told apart
  std::int64_t bytes_ = 0;
  std::int64_t characters_ = 0;
};

/// `[{"type":"url_citation",…}]`: one for each text and source that belong together, or one for each source over the
/// whole answer when nothing tells. In a stream they have numbers. Empty when there are none.
std::string annotations_of(chat::raw_json grounding, text_positions const& places, bool numbered);

}  // namespace recloser::dialects::gemini
