#pragma once
// How recloser carries text and JSON that it only passes on.
//
// Every dialect is JSON, so text is kept exactly as it stood between the quotes of a JSON string: `raw_text`. Writing it
// into another dialect is then one copy, never an unescape and an escape, and nothing is lost on the way (lone
// surrogates, a surrogate pair cut by a stream, `\/`). Code that needs the characters calls `json::decode`.
// Values that are carried whole (schemas, numbers, metadata) are `raw_json`: a number is never rounded.
//
// Both are views. They point into the request body or the chunk being read, or into the `store` of the object that
// holds them, and live as long as that.

#include <forward_list>
#include <string>
#include <string_view>

namespace recloser::chat {

using raw_text = std::string_view;  ///< the inside of a JSON string literal, escapes kept
using raw_json = std::string_view;  ///< one whole JSON value; empty means "absent"

/// Owns strings that were made while reading (decoded arguments, joined texts); views stay valid as it grows.
class store {
 public:
  std::string_view keep(std::string text) { return kept_.emplace_front(std::move(text)); }

 private:
  std::forward_list<std::string> kept_;  // unlike a deque it allocates nothing while it is empty
};

}  // namespace recloser::chat
