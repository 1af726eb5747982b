#pragma once
// Whose fault an error of an OpenAI-shaped provider is (resilience.md §1), from its status and its words.

#include <string>
#include <string_view>

#include "chat/fault.hpp"

namespace recloser::dialects::openai_chat {

/// An error as some provider worded it, whatever its shape was (providers-openai-shaped.md §2.4).
struct error_words {
  int status = 0;       ///< HTTP status, or the one that the body names; 0: unknown (an error inside a 200)
  std::string message;  ///< plain text
  std::string code;
  std::string type;
  std::string param;
  std::string more;  ///< further words that tell the class but are not shown
};

chat::fault_class classify(error_words const& words);

/// The code that a client sees. Codes that clients act on are put in when the class is sure (clients.md §3.2).
std::string code_for(chat::fault_class what, std::string_view vendor_code);

/// The error type for a class, when the provider named none.
std::string_view type_for(chat::fault_class what);

}  // namespace recloser::dialects::openai_chat
