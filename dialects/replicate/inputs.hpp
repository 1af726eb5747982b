#pragma once
// What a model calls its inputs. There is no common schema (providers-native.md §6.2): each model has its own, and the
// strict ones refuse names that they do not know. So names come from the model's schema, or from a table of families.

#include <string_view>

#include "chat/fault.hpp"

namespace recloser::dialects::replicate {

/// Names of inputs; empty: the model has none for it.
struct input_names {
  std::string_view id = {};        ///< in the table: part of the model's name
  std::string_view messages = {};  ///< takes a list of messages, and then neither prompt nor system
  std::string_view system = {};    ///< else it is said in front of the prompt
  std::string_view image = {};
  bool takes_images = false;  ///< `image` is a list
  std::string_view max_tokens = "max_tokens";
  std::string_view temperature = "temperature";
  std::string_view top_p = "top_p";
  std::string_view top_k = {};
  std::string_view seed = {};
  std::string_view presence_penalty = {};
  std::string_view frequency_penalty = {};
  std::string_view stop = {};
  bool stop_is_text = false;  ///< `stop` is one text with commas
  std::string_view effort = {};
};

/// Never fails: the last row is what nearly every language model has.
input_names const& inputs_of(std::string_view model);

/// From the body of `GET /models/{owner}/{name}`, or of a version of it. Fault: there is no schema in it.
chat::result<input_names> read_inputs(std::string_view body);

}  // namespace recloser::dialects::replicate
