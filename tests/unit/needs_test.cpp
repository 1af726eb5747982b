// What a chat request needs of its model, and what a target lacks.

#include "providers/needs.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::providers {
namespace {

using enum support;

needs of(std::string const& body) {
  std::vector<json::member> members;
  EXPECT_TRUE(json::scan_object(body, members)) << body;
  return needs_of(members);
}

std::string with_parts(std::string const& parts) {
  return R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[)" + parts + "]}]}";
}

struct need_case {
  std::string body;
  std::vector<bool needs::*> wanted;
};

TEST(needs, are_found_in_a_chat_request) {
  need_case const cases[] = {
      {R"({"model":"m","messages":[{"role":"user","content":"image_url input_audio \"type\":\"file\""}]})", {}},
      {R"({})", {}},
      {with_parts(R"({"type":"text","text":"hi"})"), {}},
      {with_parts(R"({"type":"text","text":"hi"}, {"type":"image_url","image_url":{"url":"https://x/y.png"}})"),
       {&needs::vision}},
      {with_parts(R"({"image_url":{"url":"data:image/png;base64,AA"},"type":"image_url"})"), {&needs::vision}},
      {with_parts(R"({"type":"input_audio","input_audio":{"data":"AA","format":"wav"}})"), {&needs::audio}},
      {with_parts(R"({"type":"file","file":{"file_id":"f"}})"), {&needs::documents}},
      {with_parts(R"({"type":"file","file":{"file_id":"f"}},{"type":"image_url","image_url":"u"})"),
       {&needs::documents, &needs::vision}},
      {R"({"messages":[{"role":"tool","tool_call_id":"1","content":[{"type":"image_url","image_url":{"url":"u"}}]}]})",
       {&needs::vision}},
      {R"({"messages":[],"tools":[{"type":"function","function":{"name":"f"}}]})", {&needs::tools}},
      {R"({"messages":[],"tools":[]})", {}},
      {R"({"messages":[],"tools":[  ]})", {}},
      {R"({"messages":[],"tools":null})", {}},
      {R"({"messages":[],"functions":[{"name":"f"}]})", {&needs::tools}},
      {R"({"messages":[],"functions":[{"name":"f"}],"tools":[]})", {&needs::tools}},
      {R"({"messages":[],"response_format":{"type":"json_object"}})", {&needs::json_mode}},
      {R"({"messages":[],"response_format":{"json_schema":{"name":"x","schema":{}},"type":"json_schema"}})",
       {&needs::json_schema}},
      {R"({"messages":[],"response_format":{"type":"text"}})", {}},
      {R"({"messages":[],"response_format":null})", {}},
      {R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})", {&needs::prefill}},
      {R"({"messages":[{"role":"assistant","content":"b"},{"role":"user","content":"a"}]})", {}},
      // what is malformed needs nothing, and is refused elsewhere
      {R"({"messages":"image_url"})", {}},
      {R"({"messages":[1,null,"x",[],{"content":[1,null,"x",[],{"type":1},{}]}]})", {}},
      {R"({"messages":[{"content":{"type":"image_url"}}]})", {}},
      {R"({"messages":[{"role":"user","metadata":[{"type":"image_url"}]}],"tools":{},"response_format":[]})", {}},
  };
  for (auto const& each : cases) {
    auto const found = of(each.body);
    EXPECT_TRUE(found.chat);
    for (auto const need : {&needs::embeddings, &needs::tools, &needs::vision, &needs::documents, &needs::audio,
                            &needs::json_mode, &needs::json_schema, &needs::prefill}) {
      bool const expected = std::find(each.wanted.begin(), each.wanted.end(), need) != each.wanted.end();
      EXPECT_EQ(found.*need, expected) << each.body;
    }
  }
}

TEST(needs, limits_of_the_answer) {
  EXPECT_EQ(of(R"({"max_tokens":100})").max_output, 100);
  EXPECT_EQ(of(R"({"max_tokens":100,"max_completion_tokens":200})").max_output, 200);
  EXPECT_EQ(of(R"({"max_completion_tokens":null,"max_tokens":1e3})").max_output, 1000);
  for (auto const* odd : {R"({"max_tokens":-5})", R"({"max_tokens":"7"})", R"({"max_tokens":1e99})", R"({})"}) {
    EXPECT_EQ(of(odd).max_output, 0) << odd;
  }
  needs const wanted{.max_output = 5000};
  EXPECT_TRUE(asks_too_much(wanted, {.max_output = 4096}));
  EXPECT_FALSE(asks_too_much(wanted, {.max_output = 5000}));
  EXPECT_FALSE(asks_too_much(wanted, {}));
}

TEST(needs, are_the_same_of_a_request_that_was_read) {
  chat::request request;
  EXPECT_FALSE(needs_of(request).prefill);
  std::string const text(8000, 'a');
  request.messages.push_back({.from = chat::role::user,
                              .parts = {{.kind = chat::part_kind::text, .text = text},
                                        {.kind = chat::part_kind::image, .media_type = "image/png", .data = text}}});
  request.messages.push_back({.from = chat::role::assistant, .parts = {}});
  request.max_tokens = 77;
  request.format = chat::format_kind::json_schema;
  auto found = needs_of(request);
  EXPECT_TRUE(found.chat && found.vision && found.prefill && found.json_schema);
  EXPECT_FALSE(found.tools || found.documents || found.audio || found.json_mode || found.embeddings);
  EXPECT_EQ(found.prompt_tokens, 2000);
  EXPECT_EQ(found.max_output, 77);
  request.tools.push_back({.name = "f", .description = text});
  request.messages.push_back(
      {.from = chat::role::user, .parts = {{.kind = chat::part_kind::document}, {.kind = chat::part_kind::audio}}});
  request.format = chat::format_kind::json_object;
  found = needs_of(request);
  EXPECT_TRUE(found.tools && found.documents && found.audio && found.json_mode);
  EXPECT_FALSE(found.prefill || found.json_schema);
  EXPECT_EQ(found.prompt_tokens, 4000);
}

TEST(needs, of_cut_messages_end) {
  std::string const messages =
      R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:a\"b"}},{"type":"text","text":"x"}]}])";
  for (std::size_t end = 0; end <= messages.size(); ++end) {
    std::string const cut = messages.substr(0, end);  // its own allocation: a sanitizer sees what is read beyond it
    EXPECT_GE(needs_of({{"messages", cut}, {"tools", cut}}).prompt_tokens, 0);
  }
}

TEST(needs, media_are_no_prompt) {
  std::string const image(400'000, 'A');
  auto const seen =
      of(with_parts(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)" + image + "\"}}"));
  EXPECT_LT(seen.prompt_tokens, 100);
  auto const told = of(R"({"messages":[{"role":"user","content":")" + image + "\"}]}");
  EXPECT_GT(told.prompt_tokens, 99'000);
  EXPECT_LT(told.prompt_tokens, 101'000);
  auto const in_tools = of(R"({"messages":[],"tools":[{"description":")" + image + "\"}]}");
  EXPECT_GT(in_tools.prompt_tokens, 99'000);
  auto const elsewhere = of(R"({"messages":[],"metadata":{"x":")" + image + "\"}}");
  EXPECT_LT(elsewhere.prompt_tokens, 10);
}

std::vector<std::string> names_of(std::vector<gap> const& gaps) {
  std::vector<std::string> result;
  for (auto const& each : gaps) result.push_back(std::string(each.name) + (each.essential ? "" : "?"));
  return result;
}

TEST(missing, names_what_is_known_not_to_be_there) {
  using list = std::vector<std::string>;
  needs const everything{.chat = true,
                         .tools = true,
                         .vision = true,
                         .documents = true,
                         .audio = true,
                         .json_mode = true,
                         .json_schema = true,
                         .prefill = true,
                         .prompt_tokens = 16'000};
  EXPECT_EQ(names_of(missing(everything, {})), list{}) << "never on what is unknown";
  EXPECT_EQ(names_of(missing({.chat = true}, {.tools = no, .vision = no})), list{}) << "never what is not needed";
  capabilities const nothing{.context = 8000,
                             .chat = no,
                             .embeddings = no,
                             .tools = no,
                             .vision = no,
                             .documents = no,
                             .audio = no,
                             .json_mode = no,
                             .json_schema = no,
                             .prefill = no};
  EXPECT_EQ(names_of(missing(everything, nothing)), (list{"chat", "tools", "vision", "documents", "audio", "json_mode?",
                                                          "json_schema?", "prefill?", "context"}));
  EXPECT_EQ(names_of(missing(needs_of_embeddings(), nothing)), list{"embeddings"});
  EXPECT_EQ(names_of(missing(everything, {.tools = yes, .vision = no})), list{"vision"});
}

TEST(missing, a_prompt_must_be_clearly_too_long) {
  capabilities const has{.context = 8000};
  EXPECT_TRUE(missing({.prompt_tokens = 8000}, has).empty());
  EXPECT_TRUE(missing({.prompt_tokens = 12'000}, has).empty());
  EXPECT_EQ(missing({.prompt_tokens = 12'100}, has).size(), 1u);
  EXPECT_TRUE(missing({.prompt_tokens = 1'000'000}, {}).empty());
}

TEST(missing, most_targets_need_no_scan) {
  EXPECT_FALSE(may_lack({}, 1u << 30));
  EXPECT_FALSE(may_lack({.context = 8000}, 10'000));
  EXPECT_TRUE(may_lack({.context = 8000}, 100'000));
  EXPECT_TRUE(may_lack({.vision = no}, 10));
  EXPECT_FALSE(may_lack({.embeddings = no, .reasoning = no, .json_schema = no, .prefill = no}, 10));
  EXPECT_FALSE(may_lack({.tools = yes, .vision = yes, .documents = yes, .audio = yes}, 10));
}

TEST(refusal, names_the_capability) {
  auto const blind = refusal({{"vision", true}}, "groq/llama-3.3-70b", {});
  EXPECT_EQ(blind.what, chat::fault_class::client_fault);
  EXPECT_EQ(blind.status, 400);
  EXPECT_EQ(blind.message, "groq/llama-3.3-70b cannot see images, which this request needs (capability: vision)");
  EXPECT_EQ(blind.code, "unsupported_capability");
  EXPECT_EQ(blind.param, "messages");
  auto const several = refusal({{"json_schema", false}, {"tools", true}, {"audio", true}}, "a/b", {});
  EXPECT_EQ(several.message, "a/b cannot call tools, which this request needs (capability: tools, audio)");
  EXPECT_EQ(several.param, "tools");
  auto const long_one = refusal({{"context", true}}, "a/b", {.context = 8192});
  EXPECT_EQ(long_one.what, chat::fault_class::context_length);
  EXPECT_EQ(long_one.code, "context_length_exceeded");
  EXPECT_EQ(long_one.message, "the prompt is longer than the context of a/b (8192 tokens)");
  auto const only_soft = refusal({{"prefill", false}}, "a/b", {});
  EXPECT_NE(only_soft.message.find("capability: prefill"), std::string::npos);
}

/// Prints what a scan of a large prompt costs; the bound is only there to catch a quadratic one.
TEST(needs, of_a_large_prompt_are_cheap) {
  std::string text;
  while (text.size() < 100'000)
    text += "The quick brown fox jumps over the lazy dog, and the dog does not mind at all. ";
  std::string body = R"({"model":"m","messages":[)";
  for (int i = 0; i < 10; ++i) {
    body += R"({"role":"user","content":")" + text.substr(0, 10'000) + "\"},";
  }
  body.back() = ']';
  body += '}';
  std::vector<json::member> members;
  ASSERT_TRUE(json::scan_object(body, members));
  using clock = std::chrono::steady_clock;
  auto best = clock::duration::max();
  for (int i = 0; i < 50; ++i) {
    auto const begin = clock::now();
    auto const found = needs_of(members);
    best = std::min(best, clock::now() - begin);
    ASSERT_GT(found.prompt_tokens, 20'000);
  }
  auto const nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(best).count();
  RecordProperty("nanoseconds_for_100_kB", std::to_string(nanoseconds));
  EXPECT_LT(nanoseconds, 5'000'000);
}

}  // namespace
}  // namespace recloser::providers
