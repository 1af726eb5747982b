#pragma once
// What was found in a model's text, in its order.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "chat/text.hpp"

namespace recloser::dialects::model_text {

/// A tool call that stood in the text. Plain UTF-8.
struct tool_call {
  std::string name;
  std::string id;         ///< the model's own, where its format has ids that must come back; empty: none
  std::string arguments;  ///< a JSON object
};

struct finding {
  enum class kind { text, reasoning, call };
  kind what = kind::text;
  std::size_t begin = 0;  ///< text and reasoning: the place in the bytes of the list
  std::size_t size = 0;
  std::size_t call = 0;  ///< call: its number in the list
};

class findings {
 public:
  void add(finding::kind what, chat::raw_text text) {
    if (text.empty()) return;
    if (list_.empty() || list_.back().what != what) list_.push_back({.what = what, .begin = bytes_.size()});
    list_.back().size += text.size();
    bytes_.append(text);
  }

  void add(tool_call call) {
    list_.push_back({.what = finding::kind::call, .call = calls_.size()});
    calls_.push_back(std::move(call));
  }

  std::vector<finding> const& list() const { return list_; }
  chat::raw_text text_of(finding const& which) const { return chat::raw_text(bytes_).substr(which.begin, which.size); }
  tool_call const& call_of(finding const& which) const { return calls_[which.call]; }

  void clear() {
    list_.clear();
    bytes_.clear();
    calls_.clear();
  }

 private:
  std::vector<finding> list_;
  std::string bytes_;
  std::vector<tool_call> calls_;
};

}  // namespace recloser::dialects::model_text
