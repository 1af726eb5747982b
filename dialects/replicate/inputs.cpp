#include "dialects/replicate/inputs.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::replicate {

namespace {

// ---- families --------------------------------------------------------------------------------------------------

// From the models' own API pages. Where versions of a model differ, names that only some have are left out.
constexpr input_names rows[] = {
    {.id = "openai/gpt-oss"},
    {.id = "openai/gpt-4",
     .messages = "messages",
     .system = "system_prompt",
     .image = "image_input",
     .takes_images = true,
     .max_tokens = "max_completion_tokens",
     .presence_penalty = "presence_penalty",
     .frequency_penalty = "frequency_penalty"},
    {.id = "openai/",
     .messages = "messages",
     .system = "system_prompt",
     .image = "image_input",
     .takes_images = true,
     .max_tokens = "max_completion_tokens",
     .temperature = {},
     .top_p = {},
     .effort = "reasoning_effort"},
    {.id = "anthropic/", .system = "system_prompt", .image = "image", .temperature = {}, .top_p = {}},
    {.id = "google/gemini",
     .system = "system_instruction",
     .image = "images",
     .takes_images = true,
     .max_tokens = "max_output_tokens"},
    {.id = "gemma", .max_tokens = "max_new_tokens", .top_k = "top_k"},
    {.id = "llama-2",
     .system = "system_prompt",
     .max_tokens = "max_new_tokens",
     .top_k = "top_k",
     .seed = "seed",
     .stop = "stop_sequences",
     .stop_is_text = true},
    {.id = "llama-3",
     .system = "system_prompt",
     .top_k = "top_k",
     .presence_penalty = "presence_penalty",
     .frequency_penalty = "frequency_penalty",
     .stop = "stop_sequences",
     .stop_is_text = true},
    {.id = "meta/llama-4", .presence_penalty = "presence_penalty", .frequency_penalty = "frequency_penalty"},
    {.id = "deepseek-ai/", .presence_penalty = "presence_penalty", .frequency_penalty = "frequency_penalty"},
    {.id = "xai/", .presence_penalty = "presence_penalty", .frequency_penalty = "frequency_penalty"},
    {.id = "qwen/", .presence_penalty = "presence_penalty", .frequency_penalty = "frequency_penalty"},
    {.id = "moonshotai/", .presence_penalty = "presence_penalty", .frequency_penalty = "frequency_penalty"},
    {.id = "mistralai/",
     .max_tokens = "max_new_tokens",
     .top_k = "top_k",
     .presence_penalty = "presence_penalty",
     .frequency_penalty = "frequency_penalty"},
    {.id = "ibm-granite/",
     .system = "system_prompt",
     .top_k = "top_k",
     .presence_penalty = "presence_penalty",
     .frequency_penalty = "frequency_penalty"},
    {.id = "snowflake/",
     .max_tokens = "max_new_tokens",
     .top_k = "top_k",
     .presence_penalty = "presence_penalty",
     .frequency_penalty = "frequency_penalty",
     .stop = "stop_sequences",
     .stop_is_text = true},
    {.id = "", .image = "image"},
};

// ---- schemas ---------------------------------------------------------------------------------------------------

class schema {
 public:
  explicit schema(chat::raw_json properties) { json::members_of(properties, properties_); }

  /// The first of `names` that the model has.
  std::string_view first_of(std::initializer_list<std::string_view> names) const {
    auto const found = std::ranges::find_if(names, [&](auto name) { return find(name) != properties_.end(); });
    return found == names.end() ? std::string_view() : *found;
  }

  bool has_type(std::string_view name, std::string_view type) const {
    auto const found = find(name);
    return found != properties_.end() && json::is_string(json::find(found->value, "type"), type);
  }

 private:
  std::vector<json::member>::const_iterator find(std::string_view name) const {
    return std::ranges::find(properties_, name, &json::member::key);
  }

  std::vector<json::member> properties_;
};

chat::raw_json properties_of(chat::raw_json version) {
  for (auto const* step : {"openapi_schema", "components", "schemas", "Input", "properties"}) {
    version = json::find(version, step);
  }
  return version;
}

}  // namespace

input_names const& inputs_of(std::string_view model) {
  return *std::ranges::find_if(rows, [&](auto const& row) { return model.find(row.id) != std::string_view::npos; });
}

chat::result<input_names> read_inputs(std::string_view body) {
  std::vector<json::member> members;
  auto properties = chat::raw_json();
  if (json::scan_object(body, members)) {
    auto const latest = json::find(body, "latest_version");
    properties = properties_of(latest.empty() ? chat::raw_json(body) : latest);
  }
  if (json::kind_of(properties) != json::kind::object) {
    return chat::fault(chat::fault_class::bad_response, chat::fault_source::upstream, 200,
                       "the provider's description of the model has no schema of its inputs", "bad_upstream_response");
  }
  schema const has(properties);
  input_names out;
  out.messages = has.first_of({"messages"});
  out.system = has.first_of({"system_prompt", "system_instruction"});
  out.image = has.first_of({"image", "images", "image_input"});
  out.takes_images = has.has_type(out.image, "array");
  out.max_tokens =
      has.first_of({"max_completion_tokens", "max_output_tokens", "max_new_tokens", "max_tokens", "max_length"});
  out.temperature = has.first_of({"temperature"});
  out.top_p = has.first_of({"top_p"});
  out.top_k = has.first_of({"top_k"});
  out.seed = has.first_of({"seed"});
  out.presence_penalty = has.first_of({"presence_penalty"});
  out.frequency_penalty = has.first_of({"frequency_penalty"});
  out.stop = has.first_of({"stop_sequences", "stop"});
  out.stop_is_text = has.has_type(out.stop, "string");
  out.effort = has.first_of({"reasoning_effort", "effort", "thinking_level"});
  return out;
}

}  // namespace recloser::dialects::replicate
