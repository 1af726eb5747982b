#pragma once
// The messages of a conversation as Gemini wants them (providers-native.md §2.4): system texts apart, user and model in
// turn, every function call answered by a response in the very next content, nothing empty.

#include <vector>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/gemini/media.hpp"
#include "dialects/gemini/models.hpp"

namespace recloser::dialects::gemini {

enum class piece_kind {
  text,
  file,
  call,
  response,
  missing_response,
  seal,  ///< the signature of a text answer, alone in a part without words, as the API's streams have it
};

/// One part of a content, and what it is written from.
struct piece {
  piece_kind kind = piece_kind::text;
  chat::raw_text text;               ///< text, response
  chat::part const* call = nullptr;  ///< call; response, missing_response: the call that is answered
  chat::raw_text signature;          ///< call, seal
  chat::raw_text producer;           ///< of the signature
  std::vector<media> files;          ///< file: one; response: those that belong to it
};

struct content {
  bool model = false;
  std::vector<piece> pieces;  ///< never empty
};

struct conversation {
  std::vector<chat::raw_text> system;
  std::vector<content> contents;  ///< the first, if any, is the user's
  chat::store store;              ///< texts that had to be made
};

/// Faults: parts that Gemini has no part for. The result points into `wanted`.
chat::result<conversation> take_turns(chat::request const& wanted, abilities const& model);

/// Gives the system texts a place in the first user content where the model knows no other, or where nobody said
/// anything else: `contents` must not be empty.
void place_system(conversation& talk, abilities const& model);

}  // namespace recloser::dialects::gemini
