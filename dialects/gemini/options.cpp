#include "dialects/gemini/options.hpp"

#include <algorithm>
#include <iterator>

#include "dialects/error_text.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

namespace {

struct option_row {
  std::string_view name;
  chat::raw_json options::*place;
};

constexpr option_row rows[] = {
    {"seed", &options::seed},
    {"presence_penalty", &options::presence_penalty},
    {"frequency_penalty", &options::frequency_penalty},
    {"logprobs", &options::logprobs},
    {"top_logprobs", &options::top_logprobs},
    {"safety_settings", &options::safety_settings},
    {"safety_level", &options::safety_level},
};

struct level_row {
  std::string_view level;
  std::string_view threshold;
};

/// The words of Google AI Studio, and the API's own.
constexpr level_row levels[] = {
    {"off", "OFF"},
    {"block_none", "BLOCK_NONE"},
    {"block_few", "BLOCK_ONLY_HIGH"},
    {"block_some", "BLOCK_MEDIUM_AND_ABOVE"},
    {"block_most", "BLOCK_LOW_AND_ABOVE"},
    {"block_only_high", "BLOCK_ONLY_HIGH"},
    {"block_medium_and_above", "BLOCK_MEDIUM_AND_ABOVE"},
    {"block_low_and_above", "BLOCK_LOW_AND_ABOVE"},
};

/// Those that can be adjusted. A fifth, civic integrity, is no longer served.
constexpr std::string_view categories[] = {"HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH",
                                           "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT"};

}  // namespace

options read_options(chat::request const& wanted, loss_report& lost) {
  options out;
  for (auto const& member : wanted.unread) {
    auto const row = std::ranges::find(rows, member.name, &option_row::name);
    if (row == std::end(rows)) {
      lost.add(member.name);
    } else {
      out.*row->place = member.value;
    }
  }
  return out;
}

chat::result<void> write_safety(json::writer& out, options const& from) {
  if (!from.safety_settings.empty()) {
    if (json::kind_of(from.safety_settings) != json::kind::array) {
      return chat::bad_request("'safety_settings' must be an array", "invalid_type", "safety_settings");
    }
    out.key("safetySettings").raw(from.safety_settings);
    return {};
  }
  if (from.safety_level.empty()) return {};
  auto const level = std::ranges::find(levels, lower_ascii(json::text_of(from.safety_level)), &level_row::level);
  if (level == std::end(levels)) {
    return chat::bad_request("'safety_level' must be off, block_none, block_few, block_some or block_most",
                             "invalid_value", "safety_level");
  }
  out.key("safetySettings").open('[');
  for (auto const category : categories) {
    out.open('{').key("category").text(category).key("threshold").text(level->threshold).close('}');
  }
  out.close(']');
  return {};
}

}  // namespace recloser::dialects::gemini
