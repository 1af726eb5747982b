#pragma once
// What the registry is made of: rows of facts, and the spelling that finds the row for a model.

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "providers/capabilities.hpp"

namespace recloser::providers::registry {

// ---- names -----------------------------------------------------------------------------------------------------

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// A model's name as its spellings agree on it: lower case; every run of other characters than letters and digits is one
/// `-`, or one `.` where a point stands between two digits, and nothing stands between a word and its number.
/// `Llama-3.1-8B` and `llama3.1:8b` are both `llama3.1-8b`; Fireworks' `k2p6` is `k2.6`. What does not fit is cut off.
template <std::size_t room>
class spelling {
 public:
  constexpr explicit spelling(std::string_view name, char point = '.') {
    char gap = 0;
    for (std::size_t i = 0; i < name.size() && size_ + 2 <= room; ++i) {
      char const c = lower(name[i]);
      bool const between = i > 0 && is_digit(name[i - 1]) && i + 1 < name.size() && is_digit(name[i + 1]);
      if (between && (c == '.' || c == 'p')) {
        gap = point;
      } else if (!is_letter(c) && !is_digit(c)) {
        gap = '-';
      } else {
        if (gap != 0 && size_ > 0 && !(is_letter(text_[size_ - 1]) && is_digit(c))) text_[size_++] = gap;
        gap = 0;
        text_[size_++] = c;
      }
    }
  }

  constexpr std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, room> text_{};
  std::size_t size_ = 0;
};

// ---- rows ------------------------------------------------------------------------------------------------------

/// Facts about a family of models, the same at every provider or only at some. The row with the longest family counts;
/// a row for the provider goes over one for all. A row without a family says what a provider's interface takes away from
/// every model, and answers what is unknown of it.
struct row {
  std::string_view providers;  ///< catalog names split by `|`; empty: all
  std::string_view family;     ///< words of the name in any spelling; `^`: only at its beginning
  spelling<40> spelled;        ///< points are dashes in it
  bool at_start;
  capabilities what;

  constexpr row(std::string_view providers, std::string_view family, capabilities what)
      : providers(providers), family(family), spelled(family, '-'), at_start(family.starts_with('^')), what(what) {
    if (family.size() >= 40) throw "this family's name does not fit";  // does not compile, that is
  }
};

/// One file of facts.
struct table {
  std::string_view as_of;  ///< month when its facts were last looked at
  std::string_view source;
  std::span<row const> rows;
};

extern table const openai_models;
extern table const anthropic_models;
extern table const google_models;
extern table const cloud_models;  ///< xAI, DeepSeek, Mistral, Moonshot, Amazon, Cohere
extern table const open_models;   ///< families that many providers and local servers serve
extern table const embedding_models;
extern table const hosts;  ///< what a provider's interface or plan changes

std::span<table const* const> tables();

// ---- facts -----------------------------------------------------------------------------------------------------

using enum support;

constexpr capabilities sized(capabilities what, std::int64_t context, std::int64_t max_output = 0) {
  what.context = context;
  what.max_output = max_output;
  return what;
}

template <class... Places>
constexpr capabilities with(capabilities what, Places... places) {
  ((what.*places = yes), ...);
  return what;
}

template <class... Places>
constexpr capabilities without(capabilities what, Places... places) {
  ((what.*places = no), ...);
  return what;
}

template <class... Places>
constexpr capabilities unsure(capabilities what, Places... places) {
  ((what.*places = unknown), ...);
  return what;
}

inline constexpr auto chat = &capabilities::chat;
inline constexpr auto vision = &capabilities::vision;
inline constexpr auto documents = &capabilities::documents;
inline constexpr auto audio = &capabilities::audio;
inline constexpr auto tools = &capabilities::tools;
inline constexpr auto parallel_tools = &capabilities::parallel_tools;
inline constexpr auto streaming_tools = &capabilities::streaming_tools;
inline constexpr auto reasoning = &capabilities::reasoning;
inline constexpr auto json_mode = &capabilities::json_mode;
inline constexpr auto json_schema = &capabilities::json_schema;
inline constexpr auto prefill = &capabilities::prefill;

constexpr std::int64_t k = 1000;
constexpr std::int64_t ki = 1024;

/// Talks, and takes nothing but text. Whether it calls tools is open.
inline constexpr capabilities text_only{.chat = yes, .embeddings = no, .vision = no, .audio = no, .reasoning = no};
inline constexpr capabilities text_tools = with(text_only, tools);
inline constexpr capabilities text_thinker = with(text_tools, reasoning);
inline constexpr capabilities image_only = with(text_only, vision);
inline constexpr capabilities image_tools = with(text_tools, vision);
inline constexpr capabilities image_thinker = with(image_tools, reasoning);

/// Is asked by other endpoints than chat: makes images, speech, text of speech, or judges texts.
inline constexpr capabilities no_chat{
    .chat = no, .embeddings = no, .tools = no, .parallel_tools = no, .streaming_tools = no};
inline constexpr capabilities embedder{.chat = no,
                                       .embeddings = yes,
                                       .tools = no,
                                       .parallel_tools = no,
                                       .streaming_tools = no,
                                       .vision = no,
                                       .documents = no,
                                       .audio = no,
                                       .reasoning = no,
                                       .json_mode = no,
                                       .json_schema = no,
                                       .prefill = no};

}  // namespace recloser::providers::registry
