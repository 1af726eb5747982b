// From a client's request to the bytes that a provider gets.

#include "providers/prepare.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::providers {
namespace {

using defaults = std::vector<std::pair<std::string, std::string>>;

struct sent {
  std::string body;
  std::string path;
  std::vector<std::string> dropped;
  std::size_t pieces = 0;
  std::string refused;
};

struct wanted {
  std::string_view provider;
  std::string_view model = "m";
  providers::endpoint endpoint = endpoint::chat;
  defaults added = {};
};

/// A body as the server holds it: followed by `padding` bytes and no more.
class scanned {
 public:
  explicit scanned(std::string_view text) : bytes_(text.begin(), text.end()), size_(text.size()) {
    bytes_.insert(bytes_.end(), json::padding, ' ');
    auto const done = json::scan_object(view(), members_);
    EXPECT_TRUE(done) << text << ": " << done.error().message;
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  std::vector<json::member> const& members() const { return members_; }

 private:
  std::vector<char> bytes_;
  std::size_t size_;
  std::vector<json::member> members_;
};

sent send(std::string_view text, wanted const& to) {
  scanned const body(text);
  client_request request{.body = body.view(), .members = &body.members(), .endpoint = to.endpoint};
  request.stream = json::find(body.view(), "stream") == "true";
  preparation const target{.provider = find_row(to.provider), .model = to.model, .defaults = &to.added};
  auto prepared_request = prepare(request, target);
  if (!prepared_request) return {.refused = prepared_request.error().message};
  prepared const moved = *std::move(prepared_request);  // the pieces must survive a move
  sent out{.path = std::string(moved.path), .dropped = moved.dropped, .pieces = moved.body.size()};
  for (auto piece : moved.body) out.body += piece;
  EXPECT_TRUE(json::scan_object(out.body)) << out.body;
  return out;
}

using names = std::vector<std::string>;

// ---- same bytes where nothing needs to change ------------------------------------------------------------------

TEST(prepare, sends_the_clients_bytes_when_nothing_needs_to_change) {
  std::string_view const body =
      " { \"zeta\" : [1,\t2.50 , 1e400, 123456789012345678901234567890] ,\n\"model\":\"m\", \"messages\" : [ "
      "{\"content\":\"a\\u00e9\\/\\\"\\ud83d\",\"role\":\"user\" , "
      "\"x\":null} ],\"alpha\":{\"b\":1,\"a\":2},\"temperature\":0.70 } \n";
  auto const out = send(body, {.provider = "openai-compatible"});
  EXPECT_EQ(out.body, body);
  EXPECT_EQ(out.pieces, 1u);
  EXPECT_EQ(out.path, "/chat/completions");
  EXPECT_TRUE(out.dropped.empty());
}

TEST(prepare, changes_the_model_and_not_a_byte_more) {
  std::string_view const before = "{ \"z\" : 1.0 ,  \"model\" :  ";
  std::string_view const after = " ,\n \"a\":[ ],\"messages\":[{\"role\":\"user\",\"content\":\"\\u0041\"}]  }";
  auto const out = send(std::string(before) + "\"recloser/smart\"" + std::string(after),
                        {.provider = "openai-compatible", .model = "vendor/\"odd\""});
  EXPECT_EQ(out.body, std::string(before) + "\"vendor/\\\"odd\\\"\"" + std::string(after));
  EXPECT_EQ(out.pieces, 3u);
}

TEST(prepare, leaves_every_untouched_member_byte_for_byte_beside_edits) {
  auto const out = send(
      "{\"tools\":[],\"seed\" : 7 ,\"top_k\":40,\"model\":\"a\",\"temperature\": 1.00,\"messages\":[],\"top_p\":1e-3 "
      ",\"store\":true}",
      {.provider = "openai", .model = "gpt-4o"});
  EXPECT_EQ(
      out.body,
      "{\"seed\" : 7 ,\"model\":\"gpt-4o\",\"temperature\": 1.00,\"messages\":[],\"top_p\":1e-3 ,\"store\":true}");
  EXPECT_EQ(out.dropped, names{"top_k"});
}

// ---- usage -----------------------------------------------------------------------------------------------------

TEST(prepare, asks_for_the_usage_of_a_stream) {
  struct {
    std::string_view provider, in, out;
  } const cases[] = {
      {"openai-compatible", R"({"model":"m","stream":true})",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})"},
      {"openai-compatible", R"({"model":"m","stream":true,"stream_options":{"include_usage":true} })",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":true} })"},
      {"openai-compatible", R"({"stream_options":{"include_usage":false,"x":1},"model":"m","stream":true})",
       R"({"stream_options":{"include_usage":true,"x":1},"model":"m","stream":true})"},
      {"openai-compatible", R"({"stream_options":{ "x":1 },"model":"m","stream":true})",
       R"({"stream_options":{ "x":1,"include_usage":true },"model":"m","stream":true})"},
      {"openai-compatible", R"({"stream_options":{},"model":"m","stream":true})",
       R"({"stream_options":{"include_usage":true},"model":"m","stream":true})"},
      {"openai-compatible", R"({"stream_options":null,"model":"m","stream":true})",
       R"({"stream_options":{"include_usage":true},"model":"m","stream":true})"},
      {"openai-compatible", R"({"model":"m","stream":false})", R"({"model":"m","stream":false})"},
      {"openai-compatible", R"({"model":"m"})", R"({"model":"m"})"},
      {"openrouter", R"({"model":"m","stream":true})", R"({"model":"m","stream":true})"},
      {"mistral", R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})",
       R"({"model":"m","stream":true})"},
  };
  for (auto const& each : cases) {
    auto const out = send(each.in, {.provider = each.provider});
    EXPECT_EQ(out.body, each.out);
    EXPECT_TRUE(out.dropped.empty()) << each.in;
  }
}

// ---- rules of the rows -----------------------------------------------------------------------------------------

struct rule_case {
  std::string_view provider;
  std::string_view model;
  std::string_view in;  ///< members after `model`
  std::string_view out;
  names dropped = {};
};

void check(rule_case const& each) {
  std::string const head = "{\"model\":\"" + std::string(each.model) + "\"";
  auto const text = [&](std::string_view members) {
    return head + (members.empty() ? "" : ",") + std::string(members) + "}";
  };
  auto const out = send(text(each.in), {.provider = each.provider, .model = each.model});
  EXPECT_EQ(out.body, text(each.out)) << each.provider << ' ' << each.model;
  EXPECT_EQ(out.dropped, each.dropped) << each.provider << ' ' << each.model << ' ' << each.in;
}

TEST(prepare, follows_the_rules_of_openais_families) {
  rule_case const cases[] = {
      {"openai", "gpt-4o", R"("max_tokens":5,"temperature":0.2,"stop":["x"],"logit_bias":{}, "presence_penalty":1)",
       R"("max_tokens":5,"temperature":0.2,"stop":["x"],"logit_bias":{}, "presence_penalty":1)"},
      {"openai", "o3-mini", R"("max_tokens":5)", R"("max_completion_tokens":5)"},
      {"openai", "o4-mini", R"("max_tokens":5,"max_completion_tokens":6)", R"("max_completion_tokens":6)"},
      {"openai",
       "gpt-5-mini",
       R"("temperature":0.2,"top_p":0.9,"presence_penalty":1,"frequency_penalty":1,"logit_bias":{},"logprobs":true,"top_logprobs":2,"stop":"x","seed":1)",
       R"("seed":1)",
       {"temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs",
        "stop"}},
      {"openai", "gpt-5-mini",
       R"("temperature":1,"top_p":1,"presence_penalty":0,"logprobs":false,"frequency_penalty":null)", ""},
      {"openai", "gpt-5.1", R"("reasoning_effort":"none","temperature":0.2,"top_p":0.5,"max_tokens":9)",
       R"("reasoning_effort":"none","temperature":0.2,"top_p":0.5,"max_completion_tokens":9)"},
      {"openai",
       "gpt-5.1",
       R"("reasoning_effort":"low","temperature":0.2)",
       R"("reasoning_effort":"low")",
       {"temperature"}},
      {"openai", "gpt-5-chat-latest", R"("temperature":0.2,"stop":"x")", R"("temperature":0.2,"stop":"x")"},
      {"openai", "ft:gpt-5-mini:me", R"("temperature":0.2)", "", {"temperature"}},
      {"openai", "gpt-6.1-sol", R"("stop":"x")", "", {"stop"}},
      {"openai", "o1", R"("stop":"x","parallel_tool_calls":true)", R"("stop":"x")"},
      {"openai",
       "gpt-4o",
       R"("thinking":{"type":"enabled"},"top_k":1,"vendor":2)",
       "",
       {"thinking", "top_k", "vendor"}},
      {"openai", "gpt-4o", R"("vendor":null)", ""},
      {"openai", "gpt-4o", R"("tools":[ ],"tool_choice":"auto","parallel_tool_calls":false,"seed":1)", R"("seed":1)"},
      {"openai", "gpt-4o", R"("tools":[{}],"tool_choice":"auto")", R"("tools":[{}],"tool_choice":"auto")"},
  };
  for (auto const& each : cases) check(each);
}

TEST(prepare, follows_the_rules_of_the_others) {
  rule_case const cases[] = {
      {"openai-compatible", "o3", R"("max_tokens":5,"temperature":0.2,"anything":1)",
       R"("max_tokens":5,"temperature":0.2,"anything":1)"},
      {"mistral",
       "mistral-small-latest",
       R"("seed":7,"tool_choice":"required","max_completion_tokens":5,"user":"u","logit_bias":{},"top_k":1)",
       R"("random_seed":7,"tool_choice":"any","max_tokens":5)",
       {"logit_bias", "top_k"}},
      {"mistral", "mistral-small-latest", R"("tool_choice":"auto")", R"("tool_choice":"auto")"},
      {"groq",
       "llama-3.3-70b-versatile",
       R"("logit_bias":{},"metadata":{},"store":true,"frequency_penalty":0,"presence_penalty":1,"reasoning_format":"parsed")",
       R"("reasoning_format":"parsed")",
       {"logit_bias", "presence_penalty"}},
      {"cerebras",
       "gpt-oss-120b",
       R"("max_tokens":5,"presence_penalty":0.5)",
       R"("max_completion_tokens":5)",
       {"presence_penalty"}},
      {"together", "x/y", R"("stop":"a","logprobs":true,"max_completion_tokens":3)",
       R"("stop":["a"],"logprobs":1,"max_tokens":3)"},
      {"together", "x/y", R"("stop":["a"])", R"("stop":["a"])"},
      {"fireworks", "x", R"("reasoning_effort":"minimal")", R"("reasoning_effort":"low")"},
      {"moonshot",
       "kimi-k3",
       R"("temperature":0.3,"top_p":1,"reasoning_effort":"medium","seed":1)",
       R"("reasoning_effort":"high")",
       {"temperature", "seed"}},
      {"moonshot", "moonshot-v1-8k", R"("temperature":0.3)", R"("temperature":0.3)"},
      {"xai",
       "grok-4.7",
       R"("stop":"x","reasoning_effort":"high","presence_penalty":0)",
       R"("reasoning_effort":"high")",
       {"stop"}},
      {"xai",
       "grok-4.20-0309-non-reasoning",
       R"("stop":"x","reasoning_effort":"high")",
       R"("stop":"x")",
       {"reasoning_effort"}},
      {"xai", "grok-4.20-multi-agent-0309", R"("reasoning_effort":"xhigh")", R"("reasoning_effort":"xhigh")"},
      {"deepseek", "deepseek-flash", R"("tools":[{}],"tool_choice":"required")", R"("tools":[{}])", {"tool_choice"}},
      {"deepseek",
       "deepseek-flash",
       R"("tools":[{}],"tool_choice":{"type":"function","function":{"name":"f"}})",
       R"("tools":[{}],"tool_choice":"auto")",
       {"tool_choice (object)"}},
      {"deepseek", "deepseek-flash", R"("tools":[{}],"tool_choice":"required","thinking":{"type":"disabled"})",
       R"("tools":[{}],"tool_choice":"required","thinking":{"type":"disabled"})"},
      {"deepseek", "deepseek-flash", R"("tools":[{}],"tool_choice":"none")", R"("tools":[{}],"tool_choice":"none")"},
      {"moonshot",
       "kimi-k3",
       R"("tools":[{}],"tool_choice":{"type":"function","function":{"name":"f"}})",
       R"("tools":[{}],"tool_choice":"required")",
       {"tool_choice (object)"}},
      {"deepseek", "deepseek-flash", R"("max_completion_tokens":5,"n":1,"thinking":{"type":"disabled"})",
       R"("max_tokens":5,"thinking":{"type":"disabled"})"},
  };
  for (auto const& each : cases) check(each);
}

// ---- messages --------------------------------------------------------------------------------------------------

TEST(prepare, edits_messages_in_place) {
  struct {
    std::string_view provider, in, out;
  } const cases[] = {
      {"openai-compatible", R"([{"role":"developer","content":"x"}])", R"([{"role":"developer","content":"x"}])"},
      {"vllm",
       R"([ {"content":"\"role\":\"developer\"","role" : "developer"},{"role":"user","content":[ {"type":"text","text":"x"} ]} ])",
       R"([ {"content":"\"role\":\"developer\"","role" : "system"},{"role":"user","content":[ {"type":"text","text":"x"} ]} ])"},
      {"groq", R"([{"role":"assistant","content":"a","reasoning_content":"hm\n"}])",
       R"([{"role":"assistant","content":"a","reasoning":"hm\n"}])"},
      {"groq", R"([{"role":"assistant","reasoning":"x","reasoning_content":"hm","content":"a"}])",
       R"([{"role":"assistant","reasoning":"x","content":"a"}])"},
      {"openai",
       R"([{"role":"assistant","content":"a","reasoning_content":"hm"},{"role":"user","content":"b","reasoning_content":"kept"}])",
       R"([{"role":"assistant","content":"a"},{"role":"user","content":"b","reasoning_content":"kept"}])"},
      {"deepseek",
       R"([{"role":"assistant","content":null,"tool_calls":[{"id":"a"}]},{"role":"assistant","content":"x"}])",
       R"([{"role":"assistant","content":null,"tool_calls":[{"id":"a"}],"reasoning_content":""},{"role":"assistant","content":"x"}])"},
      {"deepseek", R"([{"role":"assistant","reasoning_content":"hm","tool_calls":[{"id":"a"}]}])",
       R"([{"role":"assistant","reasoning_content":"hm","tool_calls":[{"id":"a"}]}])"},
      {"vllm", R"(["no object",7,[],{"role":"developer"}])", R"(["no object",7,[],{"role":"system"}])"},
      {"vllm", R"({"role":"developer"})", R"({"role":"developer"})"},
      {"vllm", R"([])", R"([])"},
  };
  for (auto const& each : cases) {
    auto const out = send("{\"model\":\"m\",\"messages\":" + std::string(each.in) + "}", {.provider = each.provider});
    EXPECT_EQ(out.body, "{\"model\":\"m\",\"messages\":" + std::string(each.out) + "}") << each.provider;
  }
}

TEST(prepare, shortens_tool_ids_for_mistral_and_keeps_them_matching) {
  auto const out = send(
      R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"call_abcdefgh","function":{}},{"id":"Abc012xyz"},{"id":"call_abcdefgi"}]},)"
      R"({"role":"tool","tool_call_id":"call_abcdefgh","content":""},{"role":"tool","tool_call_id":"Abc012xyz","content":""}]})",
      {.provider = "mistral"});
  std::vector<chat::raw_json> messages, calls;
  ASSERT_TRUE(json::elements_of(json::find(out.body, "messages"), messages));
  ASSERT_TRUE(json::elements_of(json::find(messages[0], "tool_calls"), calls));
  auto const first = json::text_of(json::find(calls[0], "id"));
  EXPECT_EQ(first.size(), 9u);
  EXPECT_EQ(json::text_of(json::find(calls[1], "id")), "Abc012xyz");
  EXPECT_NE(json::text_of(json::find(calls[2], "id")), first);
  EXPECT_EQ(json::text_of(json::find(messages[1], "tool_call_id")), first);
  EXPECT_EQ(json::text_of(json::find(messages[2], "tool_call_id")), "Abc012xyz");
}

// ---- defaults --------------------------------------------------------------------------------------------------

TEST(prepare, adds_defaults_that_the_client_did_not_set) {
  struct {
    wanted to;
    std::string_view in, out;
  } const cases[] = {
      {{"openai-compatible", "m", endpoint::chat, {{"max_tokens", "8192"}, {"temperature", "0.2"}}},
       R"({"model":"m"})",
       R"({"model":"m","max_tokens":8192,"temperature":0.2})"},
      {{"openai-compatible", "m", endpoint::chat, {{"max_tokens", "8192"}}},
       R"({"model":"m","max_tokens":5})",
       R"({"model":"m","max_tokens":5})"},
      {{"openai-compatible", "m", endpoint::chat, {{"max_tokens", "8192"}}},
       R"({"model":"m","max_completion_tokens":5})",
       R"({"model":"m","max_completion_tokens":5})"},
      {{"openai", "o3", endpoint::chat, {{"max_tokens", "8192"}, {"temperature", "0.2"}}},
       R"({"model":"o3"})",
       R"({"model":"o3","max_completion_tokens":8192})"},
      {{"mistral", "m", endpoint::chat, {{"seed", "7"}, {"tool_choice", R"("required")"}}},
       R"({"model":"m"})",
       R"({"model":"m","random_seed":7,"tool_choice":"any"})"},
      {{"openai-compatible", "m", endpoint::embeddings, {{"max_tokens", "8192"}}},
       R"({"model":"m","input":"x"})",
       R"({"model":"m","input":"x"})"},
      {{"openai-compatible", "m", endpoint::chat, {{"a", "1"}}},
       R"({"model":"m","stream":true})",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"a":1})"},
  };
  for (auto const& each : cases) {
    auto const out = send(each.in, each.to);
    EXPECT_EQ(out.body, each.out);
    EXPECT_TRUE(out.dropped.empty());
  }
}

// ---- other endpoints -------------------------------------------------------------------------------------------

TEST(prepare, relays_the_other_endpoints_without_the_rules_of_chat) {
  auto const legacy = send(R"({"model":"a","prompt":"x","max_tokens":5,"best_of":2,"stream":true})",
                           {.provider = "openai", .model = "o3", .endpoint = endpoint::completions});
  EXPECT_EQ(
      legacy.body,
      R"({"model":"o3","prompt":"x","max_tokens":5,"best_of":2,"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(legacy.path, "/completions");
  auto const embeddings =
      send(R"({"input":["a"],"model":"a","encoding_format":"base64"})",
           {.provider = "openai", .model = "text-embedding-3-small", .endpoint = endpoint::embeddings});
  EXPECT_EQ(embeddings.body, R"({"input":["a"],"model":"text-embedding-3-small","encoding_format":"base64"})");
  EXPECT_EQ(embeddings.path, "/embeddings");
}

TEST(prepare, refuses_what_the_target_does_not_have) {
  EXPECT_EQ(send(R"({"model":"m","input":"x"})", {.provider = "deepseek", .endpoint = endpoint::embeddings}).refused,
            "DeepSeek has no /embeddings");
  EXPECT_EQ(send(R"({"model":"m","prompt":"x"})", {.provider = "anthropic", .endpoint = endpoint::completions}).refused,
            "Anthropic has no /completions");
}

// ---- translation -----------------------------------------------------------------------------------------------

TEST(prepare, translates_for_anthropic) {
  auto const out = send(R"({"model":"x","messages":[{"role":"user","content":"hi"}],"logit_bias":{"1":2}})",
                        {.provider = "anthropic", .model = "claude-sonnet-4-5", .added = {{"max_tokens", "77"}}});
  EXPECT_EQ(out.path, "/v1/messages");
  EXPECT_EQ(json::find(out.body, "model"), "\"claude-sonnet-4-5\"");
  EXPECT_EQ(json::find(out.body, "max_tokens"), "77");
  EXPECT_EQ(out.dropped, names{"logit_bias"});
  auto const own = send(R"({"model":"x","max_completion_tokens":5,"messages":[{"role":"user","content":"hi"}]})",
                        {.provider = "anthropic", .model = "claude-sonnet-4-5", .added = {{"max_tokens", "77"}}});
  EXPECT_EQ(json::find(own.body, "max_tokens"), "5");
}

TEST(prepare, passes_on_why_a_translation_is_impossible) {
  EXPECT_NE(send(R"({"model":"x","messages":7})", {.provider = "anthropic", .model = "claude-sonnet-4-5"}).refused, "");
}

// ---- messages that another provider's answers are in (a switch in the middle of a conversation) ------------------

std::string chat(std::string_view messages, std::string_view more = {}) {
  return R"({"model":"m","messages":[)" + std::string(messages) + "]" + std::string(more) + "}";
}

constexpr std::string_view foreign_turn =
    R"({"role":"assistant","content":"hi","reasoning_content":"hm","thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s","model":"claude-x"}],"annotations":[]})";

TEST(prepare_messages, sealed_thinking_of_another_model_stays_behind) {
  struct row {
    std::string_view provider;
    std::string_view sent;
  };
  for (auto const& each : std::vector<row>{
           {"openai-compatible", R"({"role":"assistant","content":"hi","annotations":[]})"},
           {"vllm", R"({"role":"assistant","content":"hi","annotations":[]})"},
           {"openai", R"({"role":"assistant","content":"hi"})"},
           {"mistral", R"({"role":"assistant","content":"hi","prefix":true})"},
           {"groq", R"({"role":"assistant","content":"hi"})"},
           {"cerebras", R"({"role":"assistant","content":"hi"})"},
           {"deepseek", R"({"role":"assistant","content":"hi","reasoning_content":"","annotations":[]})"},
       }) {
    EXPECT_EQ(send(chat(foreign_turn), {.provider = each.provider}).body, chat(each.sent)) << each.provider;
  }
}

TEST(prepare_messages, what_names_no_model_is_the_clients_own) {
  auto const own = chat(R"({"role":"assistant","content":"a_b","thinking_blocks":[{"type":"thinking","thinking":"x"}]})");
  EXPECT_EQ(send(own, {.provider = "openai-compatible"}).body, own);
}

TEST(prepare_messages, mistral_lets_the_assistant_speak_after_a_tool) {
  auto const sent = send(chat(R"({"role":"tool","tool_call_id":"abcdefghi","content":"1"},{"role":"user","content":"go"})"),
                         {.provider = "mistral"});
  EXPECT_EQ(sent.body, chat(R"({"role":"tool","tool_call_id":"abcdefghi","content":"1"},{"role":"assistant","content":"OK."},)"
                            R"({"role":"user","content":"go"})"));
}

TEST(prepare_messages, a_prefill_is_flagged_where_it_must_be) {
  std::string_view const talk = R"({"role":"assistant","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c")";
  EXPECT_EQ(send(chat(std::string(talk) + "}"), {.provider = "mistral"}).body, chat(std::string(talk) + R"(,"prefix":true})"));
  EXPECT_EQ(send(chat(std::string(talk) + "}"), {.provider = "moonshot"}).body, chat(std::string(talk) + R"(,"partial":true})"));
  auto const flagged = chat(std::string(talk) + R"(,"partial":true})");
  EXPECT_EQ(send(flagged, {.provider = "moonshot"}).body, flagged);
}

TEST(prepare_messages, signatures_of_calls_stay_behind_where_members_are_counted) {
  auto const talk = chat(
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","extra_content":{"google":{"thought_signature":"s"}},"function":{"name":"f","arguments":"{}"}}]})");
  EXPECT_EQ(send(talk, {.provider = "openai"}).body,
            chat(R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]})"));
}

TEST(prepare_messages, seals_that_recloser_handed_out_reach_no_relayed_server) {
  auto const call = [](std::string const& extra) {
    return chat(R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1")" + extra +
                R"(,"type":"function","function":{"name":"f","arguments":"{}"}}]})");
  };
  auto const google = R"(,"extra_content":{"google":{"thought_signature":"s"}})";
  auto const ours = R"(,"extra_content":{"google":{"thought_signature":"s"},"recloser":{"model":"gemini-3-flash"}})";
  wanted const compatible = {.provider = "openai-compatible"};
  EXPECT_EQ(send(call(ours), compatible).body, call(""));
  EXPECT_EQ(send(call(google), compatible).body, call(google)) << "Google's own compatible endpoint wants it back";
}

TEST(prepare_messages, the_index_of_a_call_stays_behind_where_members_are_counted) {
  auto const call = [](std::string const& index) {
    return chat(R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"})" +
                index + "}]}");
  };
  EXPECT_EQ(send(call(R"(,"index":0)"), {.provider = "openai"}).body, call(""));
}

TEST(prepare, deepseek_gets_a_schema_in_words) {
  auto const sent = send(chat(R"({"role":"user","content":"x"})",
                              R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})"),
                         {.provider = "deepseek"});
  EXPECT_EQ(sent.body, chat(R"({"role":"system","content":"Answer with one JSON object that matches this JSON schema: {\"type\":\"object\"}"},)"
                            R"({"role":"user","content":"x"})", R"(,"response_format":{"type":"json_object"})"));
  EXPECT_EQ(sent.dropped, names{"response_format (instructed)"});
}

TEST(prepare, local_qwen_models_get_one_system_message) {
  auto const talk = chat(R"({"role":"user","content":"u"},{"role":"developer","content":"d"})");
  EXPECT_EQ(send(talk, {.provider = "vllm", .model = "Qwen/Qwen3-8B"}).body,
            R"({"model":"Qwen/Qwen3-8B","messages":[{"role":"system","content":"d"},{"role":"user","content":"u"}]})");
  EXPECT_EQ(send(talk, {.provider = "vllm"}).body, chat(R"({"role":"user","content":"u"},{"role":"system","content":"d"})"));
  EXPECT_EQ(send(talk, {.provider = "openai-compatible", .model = "qwen3"}).body.find("developer"), talk.find("developer") + 4);
}

TEST(prepare, lm_studio_gets_the_forms_that_it_knows) {
  auto const sent = send(chat(R"({"role":"user","content":"x"})",
                              R"(,"tool_choice":{"type":"function","function":{"name":"f"}},"response_format":{ "type": "json_object" })"),
                         {.provider = "lmstudio"});
  EXPECT_EQ(sent.body, chat(R"({"role":"user","content":"x"})",
                            R"(,"tool_choice":"required","response_format":{"type":"json_schema","json_schema":{"name":"object","schema":{"type":"object"}}})"));
  EXPECT_EQ(sent.dropped, names{"tool_choice (object)"});
}

}  // namespace
}  // namespace recloser::providers
