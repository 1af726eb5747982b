#pragma once
// What each model family takes on the Responses API, and what it refuses on chat completions, as data
// (providers-openai-shaped.md §3.3, §6). A new model is a new row.

#include <string_view>

namespace recloser::dialects::openai_responses {

/// When temperature and top_p may differ from their defaults.
enum class sampling { always, without_reasoning, never };

/// When chat completions take function tools.
enum class chat_tools { always, without_effort, with_effort_none, never };

/// Reasoning efforts, weakest first; `abilities::efforts` is a set of these bits.
namespace effort {
enum bit : unsigned { none = 1, minimal = 2, low = 4, medium = 8, high = 16, xhigh = 32, max = 64 };
}

struct abilities {
  std::string_view id;         ///< how the family's name begins; the first row that fits counts
  std::string_view part = {};  ///< and what must stand further on in it; empty: anything
  unsigned efforts = 0;        ///< accepted values of `reasoning.effort`; 0: the member is refused
  chat_tools tools = chat_tools::always;
  sampling takes_sampling = sampling::always;
  bool responses_only = false;             ///< chat completions do not know the model at all
  bool none_by_default = false;            ///< does not reason unless an effort is sent
  bool encrypts = false;                   ///< `include: ["reasoning.encrypted_content"]` is accepted
  bool takes_summary = false;              ///< `reasoning.summary`
  bool takes_verbosity = false;            ///< `text.verbosity`
  bool takes_allowed_tools = false;        ///< `tool_choice` of type `allowed_tools`
  bool takes_parallel = true;              ///< `parallel_tool_calls`
  bool wants_reasoning_ids = false;        ///< a replayed reasoning item keeps its id
  std::string_view instructor = "system";  ///< the role of the operator's words
};

/// `model` may have a prefix (`openai/`, a deployment's `my-`) and a suffix (a date). Never fails: the last row stands for
/// models that are not known.
abilities const& abilities_of(std::string_view model);

/// One model under two names: with and without a date, or an alias.
bool is_same_model(std::string_view one, std::string_view other);

}  // namespace recloser::dialects::openai_responses
