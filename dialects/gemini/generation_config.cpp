#include "dialects/gemini/generation_config.hpp"

#include <algorithm>
#include <cstdint>

#include "dialects/gemini/thinking.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

namespace {

constexpr std::size_t most_stops = 5;
constexpr std::int64_t most_logprobs = 20;

struct config_writer {
  json::writer& out;
  wishes const& all;
  loss_report& lost;

  void write() {
    auto const& wanted = all.wanted;
    number("temperature", wanted.temperature);
    number("topP", wanted.top_p);
    number("topK", wanted.top_k);
    limit();
    stop();
    seed();
    penalty("presencePenalty", "presence_penalty", all.more.presence_penalty);
    penalty("frequencyPenalty", "frequency_penalty", all.more.frequency_penalty);
    logprobs();
    if (all.tools.json) out.key("responseMimeType").text("application/json");
    if (!all.tools.schema.empty()) out.key("responseJsonSchema").raw(all.tools.schema);
    write_thinking(out, wanted, all.model, lost);
  }

  void number(std::string_view name, chat::raw_json value) {
    if (!value.empty()) out.key(name).raw(value);
  }

  void limit() {
    if (!all.wanted.max_tokens) return;
    auto const most = all.model.max_output > 0 ? all.model.max_output : INT32_MAX;
    if (*all.wanted.max_tokens > most) lost.add("max_tokens (clamped)");
    out.key("maxOutputTokens").number(std::min(*all.wanted.max_tokens, most));
  }

  void stop() {
    std::size_t count = 0;
    for (auto const each : all.wanted.stop) {
      if (each.empty()) continue;  // an empty word is a 400
      if (count == most_stops) {
        lost.add("stop (first 5)");
        break;
      }
      if (count++ == 0) out.key("stopSequences").open('[');
      out.text(each);
    }
    if (count > 0) out.close(']');
  }

  void seed() {
    if (all.more.seed.empty()) return;
    auto const value = json::integer_of(all.more.seed);
    if (!value || *value < INT32_MIN || *value > INT32_MAX) return lost.add("seed");
    out.key("seed").number(*value);
  }

  void penalty(std::string_view name, std::string_view member, chat::raw_json value) {
    if (value.empty()) return;
    bool const taken = all.model.takes_penalties || all.where == platform::vertex;
    if (!taken || json::kind_of(value) != json::kind::number) return lost.add(member);
    out.key(name).raw(value);
  }

  /// `logprobs: 0` is a 400 (§7 row 26), and so is a number without the switch.
  void logprobs() {
    bool const wanted = all.more.logprobs == "true";
    if (!all.more.logprobs.empty() && !(wanted && all.model.takes_logprobs)) lost.add("logprobs");
    auto const top = json::integer_of(all.more.top_logprobs).value_or(0);
    bool const sent = wanted && all.model.takes_logprobs;
    if (!all.more.top_logprobs.empty() && (!sent || top < 1)) lost.add("top_logprobs");
    if (!sent) return;
    out.key("responseLogprobs").boolean(true);
    if (top > most_logprobs) lost.add("top_logprobs (clamped)");
    if (top >= 1) out.key("logprobs").number(std::min(top, most_logprobs));
  }
};

}  // namespace

void write_generation_config(json::writer& out, wishes const& all, loss_report& lost) {
  std::string text;
  json::writer inner(text);
  inner.open('{');
  config_writer{inner, all, lost}.write();
  inner.close('}');
  if (text != "{}") out.key("generationConfig").raw(text);
}

}  // namespace recloser::dialects::gemini
