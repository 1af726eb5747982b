// What goes to Ollama for what an OpenAI client asked.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ollama_fixture.hpp"

namespace recloser::dialects::ollama_case {
namespace {

constexpr std::string_view coder = "qwen2.5-coder:7b";

names lines(std::string const& text) {
  names out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(ollama_request, golden) {
  for (auto const& name : cases_with("request.json")) {
    SCOPED_TRACE(name);
    auto const request = load(folder() / name / "request.json");
    auto const asked = std::string(json::text_of(json::find(request, "model")));
    auto const out = write(request, asked.substr(asked.find('/') + 1));
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(compact(out.upstream), compact(load(folder() / name / "upstream.json")));
    EXPECT_EQ(out.dropped, lines(load(folder() / name / "dropped.txt")));
    EXPECT_TRUE(json::scan_object(padded(out.upstream).view()));
  }
}

// ---- messages --------------------------------------------------------------------------------------------------

std::string sent(std::string_view said, std::string_view model = coder) {
  return value(saying(said), model, "messages");
}

std::string part(std::string_view what) { return saying(R"({"role":"user","content":[)" + std::string(what) + "]}"); }

TEST(ollama_request, images_go_beside_the_text) {
  EXPECT_EQ(
      value(part(R"({"type":"image_url","image_url":{"url":"data:image\/jpeg;base64,QUJD"}},{"type":"text","text":"a"},
                          {"type":"image_url","image_url":"data:image/webp;base64,REVG"},{"type":"text","text":"b"})"),
            "llava", "messages"),
      R"([{"role":"user","content":"a\nb","images":["QUJD","REVG"]}])");
  EXPECT_EQ(value(part(R"({"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}})"), "gemma4", "messages"),
            R"([{"role":"user","content":"","images":["UklG"]}])");
  EXPECT_EQ(value(part(R"({"type":"file","file":{"file_data":"data:image/png;base64,QUJD"}})"), "llava", "messages"),
            R"([{"role":"user","content":"","images":["QUJD"]}])");
}

TEST(ollama_request, text_files_are_text) {
  EXPECT_EQ(value(part(R"({"type":"file","file":{"file_data":"data:text/plain;base64,aMOpIgo="}})"), coder, "messages"),
            R"([{"role":"user","content":"hé\"\n"}])");
}

TEST(ollama_request, says_which_media_it_cannot_carry) {
  struct {
    char const* part;
    char const* message;
  } const wrong[] = {
      {R"({"type":"image_url","image_url":{"url":"https://example.com/cat.png?token=hidden"}})",
       "Ollama does not fetch images; send 'https://example.com/cat.png' as a data: URL in base64"},
      {R"({"type":"file","file":{"file_data":"data:application/pdf;base64,QUJD"}})",
       "Ollama takes no files but text and images"},
      {R"({"type":"file","file":{"file_id":"file-abc"}})", "Ollama takes no files but text and images"},
      {R"({"type":"file","file":{"file_id":"https://example.com/a.txt"}})",
       "Ollama takes no files but text and images"},
      {R"({"type":"file","file":{"file_data":"data:text/plain;base64,/w=="}})", "a text file must be UTF-8 in base64"},
  };
  for (auto const& each : wrong) {
    auto const out = write(part(each.part), coder);
    EXPECT_EQ(out.fault, each.message);
    EXPECT_EQ(out.param, "messages[0].content") << each.part;
    EXPECT_EQ(out.code, "unsupported_value") << each.part;
  }
}

TEST(ollama_request, results_name_their_tool) {
  auto const two_rounds =
      user + "," + calls(call("call_1")) + "," + result("call_1", "r1") + "," +
      R"({"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"g","arguments":"{}"}}]})" +
      "," + result("call_1", "r2");
  auto const out = sent(two_rounds);
  EXPECT_NE(out.find(R"({"role":"tool","content":"r1","tool_name":"f","tool_call_id":"call_1"})"), std::string::npos)
      << out;
  EXPECT_NE(out.find(R"({"role":"tool","content":"r2","tool_name":"g","tool_call_id":"call_1"})"), std::string::npos)
      << out;
}

TEST(ollama_request, results_of_calls_without_an_id_are_told_by_their_order) {
  auto const old = user +
                   R"(,{"role":"assistant","content":null,"function_call":{"name":"first","arguments":"{\"a\":1}"}})"
                   R"(,{"role":"function","name":"first","content":"one"})"
                   R"(,{"role":"assistant","content":null,"function_call":{"name":"second","arguments":""}})"
                   R"(,{"role":"function","name":"second","content":"two"},{"role":"tool","content":"three"})";
  EXPECT_EQ(sent(old),
            R"([{"role":"user","content":"a"},)"
            R"({"role":"assistant","content":"","tool_calls":[{"function":{"name":"first","arguments":{"a":1}}}]},)"
            R"({"role":"tool","content":"one","tool_name":"first"},)"
            R"({"role":"assistant","content":"","tool_calls":[{"function":{"name":"second","arguments":{}}}]},)"
            R"({"role":"tool","content":"two","tool_name":"second"},{"role":"tool","content":"three"}])");
}

TEST(ollama_request, arguments_are_always_an_object) {
  EXPECT_NE(sent(user + "," + calls(call("c", R"({\"a\":)"))).find(R"("arguments":{"_raw":"{\"a\":"})"),
            std::string::npos);
  chat::request odd;
  auto& message = odd.messages.emplace_back();
  message.from = chat::role::assistant;
  auto& call = message.parts.emplace_back();
  call.kind = chat::part_kind::tool_call;
  call.name = "f";
  for (auto const& [input, arguments] : {std::pair{"[1]", R"({"_raw":[1]})"}, {"null", "{}"}, {"", "{}"}}) {
    call.input = input;
    std::string out;
    names lost;
    ASSERT_TRUE(ollama_chat::write_request(odd, "m", out, lost));
    EXPECT_NE(out.find(std::string(R"("arguments":)") + arguments), std::string::npos) << out;
  }
}

TEST(ollama_request, thinking_goes_back_to_the_one_who_thought) {
  auto const said = [](std::string_view producer) {
    return saying(
        user +
        R"(,{"role":"assistant","content":"b","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s","model":")" +
        std::string(producer) + R"("}]},{"role":"user","content":"c"})");
  };
  EXPECT_NE(value(said("qwen3:8b"), "qwen3:8b", "messages").find(R"("content":"b","thinking":"t")"), std::string::npos);
  EXPECT_EQ(value(said("claude-x"), "qwen3:8b", "messages").find("thinking"), std::string::npos);
  EXPECT_EQ(dropped(said("claude-x"), "qwen3:8b"), names{"thinking_blocks"});
  auto const encrypted = saying(
      user + R"(,{"role":"assistant","content":"b","thinking_blocks":[{"type":"redacted_thinking","data":"AA"}]})");
  EXPECT_EQ(dropped(encrypted, "qwen3:8b"), names{"thinking_blocks"});
}

TEST(ollama_request, empty_and_strange_messages) {
  EXPECT_EQ(
      sent(
          R"({"role":"user","content":""},{"role":"assistant","content":null},{"role":"assistant","content":null,"refusal":"no"})"),
      R"([{"role":"user","content":""},{"role":"assistant","content":""},{"role":"assistant","content":"no"}])");
}

// ---- tools -----------------------------------------------------------------------------------------------------

TEST(ollama_request, tool_choice_has_no_like) {
  auto const with = [](std::string_view choice) { return asking(tools + R"(,"tool_choice":)" + std::string(choice)); };
  struct {
    char const* choice;
    char const* sent;  // names
    names lost;
  } const rows[] = {
      {R"("auto")", "f g", {}},
      {R"("none")", "", {}},
      {R"("required")", "f g", {"tool_choice (auto)"}},
      {R"({"type":"function","function":{"name":"g"}})", "g", {"tool_choice (auto)"}},
      {R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}})",
       "f",
       {}},
  };
  for (auto const& row : rows) {
    auto const list = value(with(row.choice), coder, "tools");
    std::string found;
    std::vector<chat::raw_json> each;
    json::elements_of(list, each);
    for (auto const tool : each) {
      found +=
          (found.empty() ? "" : " ") + std::string(json::text_of(json::find(json::find(tool, "function"), "name")));
    }
    EXPECT_EQ(found, row.sent) << row.choice;
    EXPECT_EQ(dropped(with(row.choice), coder), row.lost) << row.choice;
  }
  auto const nobody = write(with(R"({"type":"function","function":{"name":"h"}})"), coder);
  EXPECT_EQ(nobody.param, "tool_choice");
  EXPECT_EQ(dropped(asking(R"("tool_choice":"required")"), coder), names{"tool_choice"});
  EXPECT_EQ(dropped(asking(tools + R"(,"parallel_tool_calls":true)"), coder), names{});
  EXPECT_EQ(dropped(asking(R"("parallel_tool_calls":false)"), coder), names{});
}

// ---- thinking --------------------------------------------------------------------------------------------------

TEST(ollama_request, think_by_effort_and_family) {
  struct {
    char const* model;
    char const* effort;
    char const* think;
    names lost;
  } const rows[] = {
      {"gpt-oss:20b", "none", R"("low")", {"reasoning_effort (low)"}},
      {"gpt-oss:20b", "minimal", R"("low")", {}},
      {"gpt-oss:20b", "low", R"("low")", {}},
      {"gpt-oss:20b", "high", R"("high")", {}},
      {"hf.co/unsloth/GPT-OSS-20b-GGUF:Q4_K_M", "max", R"("high")", {"reasoning_effort (high)"}},
      {"qwen3:32b", "none", "false", {}},
      {"qwen3:32b", "low", "true", {"reasoning_effort (on)"}},
      {"deepseek-r1:8b-llama-distill-q4_K_M", "high", "true", {"reasoning_effort (on)"}},
      {"qwen3:4b-thinking-2507-q4_K_M", "high", "true", {"reasoning_effort (on)"}},
      {"qwen3:4b-instruct-2507", "high", "", {"reasoning_effort"}},
      {"qwen3-coder-tools", "high", "", {"reasoning_effort"}},
      {"qwen2.5-coder:7b", "high", "", {"reasoning_effort"}},
      {"llama3.2:3b", "none", "", {}},
      {"mistral:7b", "medium", "", {"reasoning_effort"}},
      {"magistral", "medium", "true", {"reasoning_effort (on)"}},
      {"something-new", "medium", "true", {"reasoning_effort (on)"}},
  };
  for (auto const& row : rows) {
    auto const request = asking(R"("reasoning_effort":")" + std::string(row.effort) + '"');
    EXPECT_EQ(value(request, row.model, "think"), row.think) << row.model << ' ' << row.effort;
    EXPECT_EQ(dropped(request, row.model), row.lost) << row.model << ' ' << row.effort;
  }
  EXPECT_EQ(value(asking(R"("seed":1)"), "qwen3:32b", "think"), "") << "unasked, the model does as it does";
}

TEST(ollama_request, its_own_think_wins) {
  EXPECT_EQ(value(asking(R"("think":true,"reasoning_effort":"none")"), "qwen3:32b", "think"), "true");
  EXPECT_EQ(value(asking(R"("think":"max")"), "qwen3:32b", "think"), R"("max")");
  EXPECT_EQ(value(asking(R"("think":false)"), "llama3", "think"), "false");
  EXPECT_EQ(dropped(asking(R"("think":{"a":1})"), "qwen3:32b"), names{"think"});
}

TEST(ollama_request, anthropics_thinking_becomes_think) {
  struct {
    char const* model;
    char const* thinking;
    char const* think;
    names lost;
  } const rows[] = {
      {"qwen3", R"({"type":"enabled","budget_tokens":4096})", "true", {"thinking (on)"}},
      {"qwen3", R"({"type":"disabled"})", "false", {}},
      {"gpt-oss", R"({"type":"enabled","budget_tokens":1024})", R"("low")", {"thinking (level)"}},
      {"gpt-oss", R"({"type":"enabled","budget_tokens":8192})", R"("medium")", {"thinking (level)"}},
      {"gpt-oss", R"({"type":"enabled","budget_tokens":32000})", R"("high")", {"thinking (level)"}},
      {"gpt-oss", R"({"type":"adaptive"})", R"("medium")", {"thinking (level)"}},
      {"gpt-oss", R"({"type":"disabled"})", R"("low")", {"thinking (level)"}},
      {"llama3", R"({"type":"enabled","budget_tokens":4096})", "", {"thinking"}},
      {"llama3", R"({"type":"disabled"})", "", {}},
  };
  for (auto const& row : rows) {
    auto const request = asking(R"("thinking":)" + std::string(row.thinking));
    EXPECT_EQ(value(request, row.model, "think"), row.think) << row.model << row.thinking;
    EXPECT_EQ(dropped(request, row.model), row.lost) << row.model << row.thinking;
  }
}

// ---- the rest --------------------------------------------------------------------------------------------------

TEST(ollama_request, always_says_whether_it_streams) {
  EXPECT_EQ(value(asking(R"("seed":1)"), coder, "stream"), "false");
  EXPECT_EQ(value(asking(R"("stream":true)"), coder, "stream"), "true");
}

TEST(ollama_request, format) {
  EXPECT_EQ(value(asking(R"("response_format":{"type":"json_object"})"), coder, "format"), R"("json")");
  EXPECT_EQ(value(asking(R"("response_format":{"type":"text"})"), coder, "format"), "");
  EXPECT_EQ(value(asking(R"("format":"json")"), coder, "format"), R"("json")");
  EXPECT_EQ(dropped(asking(R"("format":"json","response_format":{"type":"json_object"})"), coder), names{"format"});
  EXPECT_EQ(dropped(asking(R"("response_format":{"type":"json_object"})"), "qwen3-coder:480b-cloud"),
            names{"response_format"});
}

TEST(ollama_request, options_that_nobody_gave_are_not_invented) {
  EXPECT_EQ(value(asking(R"("user":"u")"), coder, "options"), "") << "the model file's own values are better";
}

TEST(ollama_request, reports_what_it_cannot_carry) {
  EXPECT_EQ(dropped(asking(R"("options":[1],"service_tier":"flex","surprise":1)"), coder),
            (names{"options", "surprise", "service_tier"}));
  EXPECT_EQ(write(asking(R"("web_search_options":{})"), coder).param, "web_search_options");
  EXPECT_EQ(dropped(saying(R"({"role":"user","name":"bob","content":"x"})"), coder), names{"messages[].name"});
}

TEST(ollama_request, the_path_is_the_same_for_all) {
  EXPECT_EQ(ollama_chat::api_chat.path("m", true), "/api/chat");
  EXPECT_EQ(ollama_chat::api_chat.name, "ollama");
}

// ---- prompts that were cut (§7 row 24) -------------------------------------------------------------------------

TEST(ollama_prompt, row_24_silent_truncation_is_suspected) {
  struct {
    std::int64_t counted;
    std::size_t bytes;
    std::int64_t num_ctx;
    bool cut;
    char const* what;
  } const rows[] = {
      {16'386, 159'062, 32'768, true, "half of the window is left (measured, issue 128 of little-coder)"},
      {16'386, 159'062, 0, true, "the same with an unknown window"},
      {2050, 31'600, 0, true, "4k window, prompt of 7.9k tokens (ollama issue 17889)"},
      {4096, 40'000, 4096, true, "a full window"},
      {4090, 22'000, 4096, true, "nearly full, a little too much text"},
      {4090, 16'000, 4096, false, "it just fits"},
      {26, 100, 0, false, "small"},
      {26, 100'000, 0, false, "an old server that counts only what was not cached"},
      {0, 100'000, 4096, false, "unknown"},
      {-1, 100'000, 4096, false, "nonsense"},
      {20'000, 80'000, 32'768, false, "usual text"},
      {3000, 20'000, 0, false, "prose with long words"},
      {2050, 8000, 4096, false, "half of the window by chance"},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(ollama_chat::prompt_was_cut(row.counted, row.bytes, row.num_ctx), row.cut) << row.what;
  }
}

TEST(ollama_prompt, counts_bytes_of_text) {
  auto const bytes = [](std::string_view request) {
    padded const body(request);
    return ollama_chat::prompt_bytes(*openai_chat::read_request(*json::scan_object(body.view())));
  };
  EXPECT_EQ(bytes(saying(R"({"role":"user","content":"abcd"})")), 4u);
  EXPECT_EQ(bytes(saying(R"({"role":"user","content":"a\n\u65e5\""})")), 5u);
  EXPECT_EQ(
      bytes(saying(
          R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]})")),
      0u);
  auto const with_tools = asking(tools);
  EXPECT_EQ(bytes(with_tools), 2u + 2 * (1 + std::string_view(R"({"type":"object"})").size()));
  EXPECT_EQ(bytes(asking(tools + R"(,"tool_choice":"none")")), 2u);
}

}  // namespace
}  // namespace recloser::dialects::ollama_case
