#pragma once
// What providers report of their models: the answers to their list requests, and to those that tell of one model.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "providers/capabilities.hpp"

namespace recloser::providers {

struct reported_model {
  std::string name;          ///< as requests give it; empty: the answer was about one model and does not name it
  std::int64_t created = 0;  ///< seconds since 1970; 0: not told
  capabilities what;         ///< what the list says; unknown where it says nothing
};

/// The models in `body`: `{"data":[…]}`, `{"models":[…]}`, Bedrock's `{"modelSummaries":[…]}`, a bare array, or an object that is about one model (Ollama's
/// /api/show, llama.cpp's /props). `provider` is a catalog name; which of its endpoints answered does not matter.
/// Anything else, and text that is not JSON, gives no models. At most 5000 are read.
std::vector<reported_model> read_model_list(std::string_view provider, std::string_view body);

}  // namespace recloser::providers
