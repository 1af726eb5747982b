// `models:`, what the operator says of models by patterns of their names.

#include "config/sections.hpp"

namespace recloser::config {

namespace {

template <std::optional<bool> model_override::*Place>
void flag(field const& value, model_override& into) {
  value.boolean((into.*Place).emplace());
}

template <std::optional<std::int64_t> model_override::*Place>
void tokens(field const& value, model_override& into) {
  unsigned count = 0;
  value.number(count, 1, 1'000'000'000);
  into.*Place = count;
}

constexpr key<model_override> table[] = {
    {"context", tokens<&model_override::context>},
    {"max_output", tokens<&model_override::max_output>},
    {"chat", flag<&model_override::chat>},
    {"embeddings", flag<&model_override::embeddings>},
    {"tools", flag<&model_override::tools>},
    {"parallel_tools", flag<&model_override::parallel_tools>},
    {"streaming_tools", flag<&model_override::streaming_tools>},
    {"vision", flag<&model_override::vision>},
    {"documents", flag<&model_override::documents>},
    {"audio", flag<&model_override::audio>},
    {"reasoning", flag<&model_override::reasoning>},
    {"json_mode", flag<&model_override::json_mode>},
    {"json_schema", flag<&model_override::json_schema>},
    {"prefill", flag<&model_override::prefill>},
};

}  // namespace

void read_models(field const& section, std::vector<model_override>& into) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) {
    model_override said;
    said.pattern = one.name;
    said.line = one.line;
    read_section(section.at(one), bind(table, said));
    into.push_back(std::move(said));
  }
}

void add_model_keys(std::vector<std::string>& into) { add_names(table, "models.*.", into); }

}  // namespace recloser::config
