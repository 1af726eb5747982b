#include "dialects/model_text/grammars.hpp"

namespace recloser::dialects::model_text {

namespace {

/// The bars and low lines of DeepSeek are U+FF5C and U+2581.
constexpr grammar rows[] = {
    {"<tool_call>", hermes_calls | qwen_xml_calls | glm_calls | granite_calls, read_tool_call_tag, "</tool_call>"},
    {"<function=", qwen_xml_calls | llama_calls | hermes_calls, read_function_tag},
    {"<|python_tag|>", llama_calls, read_python_tag},
    {"<|python_start|>", pythonic_calls, read_pythonic, "<|python_end|>"},
    {"[TOOL_CALLS]", mistral_calls, read_mistral},
    {"[TOOL_REQUEST]", lm_studio_calls, read_json_calls, "[END_TOOL_REQUEST]"},
    {"<｜tool▁calls▁begin｜>", deepseek_calls, read_deepseek},
    {"<｜tool▁call▁begin｜>", deepseek_calls, read_deepseek},
    {"<｜DSML｜", invoke_calls, read_dsml},
    {"<|DSML|", invoke_calls, read_dsml_ascii},
    {"<minimax:tool_call>", invoke_calls, read_invoke},
    {"<function_calls>", invoke_calls, read_invoke},
    {"<invoke name=", invoke_calls, read_invoke},
    {"<|tool_calls_section_begin|>", kimi_calls, read_kimi},
    {"<|tool_call_section_begin|>", kimi_calls, read_kimi},
    {"<|tool_call_begin|>", kimi_calls, read_kimi},
    {"<|start|>assistant to=", harmony_calls, read_harmony},
    {"<|start|>assistant<|channel|>commentary to=", harmony_calls, read_harmony},
    {"<|start|>assistant<|channel|>analysis to=", harmony_calls, read_harmony},
    {"<|channel|>commentary to=", harmony_calls, read_harmony},
    {"<|channel|>analysis to=", harmony_calls, read_harmony},
    {"<|tool_call|>", granite_calls, read_json_calls},
    {"<|START_ACTION|>", cohere_calls, read_json_calls, "<|END_ACTION|>"},
    {"<tool_calls>", jamba_calls, read_json_calls, "</tool_calls>"},
    {"<TOOLCALL>", nemotron_calls, read_json_calls, "</TOOLCALL>"},
    {"<|action_start|>", internlm_calls, read_internlm, "<|action_end|>"},
    {"<|tool_call>", gemma_calls, read_gemma, "<tool_call|>"},
    {">>>", functionary_calls, read_functionary, {}, true},
};

}  // namespace

std::span<grammar const> grammars() { return rows; }

grammar const unmarked = {.marker = {}, .sets = llama_calls | pythonic_calls, .read = read_unmarked};

}  // namespace recloser::dialects::model_text
