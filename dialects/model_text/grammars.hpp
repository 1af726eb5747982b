#pragma once
// The ways in which models write tool calls into their text (providers-openai-shaped.md §18.2), as a table of the markers
// that begin them. Adding one is a row, and a reader when its shape is new.

#include <span>
#include <string_view>

#include "dialects/model_text/block_reader.hpp"

namespace recloser::dialects::model_text {

/// Bits.
enum grammar_set : unsigned {
  hermes_calls = 1 << 0,
  qwen_xml_calls = 1 << 1,
  glm_calls = 1 << 2,
  llama_calls = 1 << 3,
  pythonic_calls = 1 << 4,
  mistral_calls = 1 << 5,
  deepseek_calls = 1 << 6,
  invoke_calls = 1 << 7,  ///< MiniMax, DeepSeek's DSML, and the plain form of both
  kimi_calls = 1 << 8,
  harmony_calls = 1 << 9,
  lm_studio_calls = 1 << 10,
  granite_calls = 1 << 11,
  cohere_calls = 1 << 12,
  jamba_calls = 1 << 13,
  internlm_calls = 1 << 14,
  gemma_calls = 1 << 15,
  nemotron_calls = 1 << 16,
  functionary_calls = 1 << 17,  ///< its marker `>>>` is too common to look for elsewhere
  all_marked_calls = functionary_calls - 1,
};

struct grammar {
  std::string_view marker;
  unsigned sets = 0;
  read_block read = nullptr;
  std::string_view close = {};  ///< what may end the block
  bool line_start = false;      ///< the marker counts only there
};

std::span<grammar const> grammars();

/// A whole answer that is calls and has no marker (Llama): JSON objects, or a list of calls in Python.
extern grammar const unmarked;

// ---- readers, by shape -----------------------------------------------------------------------------------------

found read_tool_call_tag(block_reader& in, grammar const& how);  ///< `<tool_call>`: Hermes, Qwen, GLM
found read_json_calls(block_reader& in, grammar const& how);
found read_python_tag(block_reader& in, grammar const& how);
found read_pythonic(block_reader& in, grammar const& how);
found read_mistral(block_reader& in, grammar const& how);
found read_internlm(block_reader& in, grammar const& how);
found read_deepseek(block_reader& in, grammar const& how);
found read_kimi(block_reader& in, grammar const& how);
found read_harmony(block_reader& in, grammar const& how);
found read_functionary(block_reader& in, grammar const& how);
found read_gemma(block_reader& in, grammar const& how);
found read_function_tag(block_reader& in, grammar const& how);  ///< `<function=`: Qwen, Llama's custom tools
found read_invoke(block_reader& in, grammar const& how);
found read_dsml(block_reader& in, grammar const& how);
found read_dsml_ascii(block_reader& in, grammar const& how);
found read_unmarked(block_reader& in, grammar const& how);

/// GLM's call, behind `<tool_call>`.
found read_glm(block_reader& in);

}  // namespace recloser::dialects::model_text
