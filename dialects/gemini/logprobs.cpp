#include "dialects/gemini/logprobs.hpp"

#include <vector>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

using chat::raw_json;

namespace {

/// A token that is left out is an empty one; a probability that is left out is 0, the logarithm of certainty.
void write_token(json::writer& out, raw_json candidate) {
  auto const probability = json::find(candidate, "logProbability");
  bool const known = json::kind_of(probability) == json::kind::number;
  out.key("token").text(json::text_of(json::find(candidate, "token")));
  out.key("logprob").raw(known ? probability : raw_json("0")).key("bytes").null();
}

}  // namespace

std::string logprobs_of(raw_json result) {
  std::vector<raw_json> chosen;
  std::vector<raw_json> steps;
  std::vector<raw_json> others;
  json::elements_of(json::find(result, "chosenCandidates"), chosen);
  json::elements_of(json::find(result, "topCandidates"), steps);
  if (chosen.empty()) return {};
  std::string text;
  json::writer out(text);
  out.open('{').key("content").open('[');
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    out.open('{');
    write_token(out, chosen[i]);
    out.key("top_logprobs").open('[');
    others.clear();
    if (i < steps.size()) json::elements_of(json::find(steps[i], "candidates"), others);
    for (auto const each : others) {
      out.open('{');
      write_token(out, each);
      out.close('}');
    }
    out.close(']').close('}');
  }
  out.close(']').key("refusal").null().close('}');
  return text;
}

}  // namespace recloser::dialects::gemini
