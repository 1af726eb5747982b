#pragma once
// Images, files and sound as Gemini takes them: bytes or a URI, and always a media type (providers-native.md §2.3).

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::gemini {

struct media {
  chat::raw_text type;
  chat::raw_text data;  ///< base64; empty when there is a `uri`
  chat::raw_text uri;
};

/// Faults: bytes of an unknown kind, another provider's file. The result points into `part` and `made`.
chat::result<media> media_of(chat::part const& part, chat::store& made);

/// `"inlineData":{…}` or `"fileData":{…}`.
void write_media(json::writer& out, media const& what);

}  // namespace recloser::dialects::gemini
