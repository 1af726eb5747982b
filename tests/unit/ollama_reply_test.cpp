// What Ollama answers: whole, as a stream of lines cut at every place, and when it fails.

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dialects/translate.hpp"
#include "ollama_fixture.hpp"

namespace recloser::dialects::ollama_case {
namespace {

using chat::event_kind;
using chat::fault_class;
using step = event_source::step;

// ---- whole answers ---------------------------------------------------------------------------------------------

std::string translated(std::string_view reply) {
  padded const body(reply);
  auto const answer = ollama_chat::read_reply(body.view());
  if (!answer) return "fault: " + answer.error().message;
  std::string out;
  openai_chat::write_reply(*answer, 1700000000, out);
  return with_made_ids_named(out);
}

TEST(ollama_reply, golden) {
  for (auto const& name : cases_with("reply.json")) {
    SCOPED_TRACE(name);
    EXPECT_EQ(compact(translated(load(folder() / name / "reply.json"))),
              compact(load(folder() / name / "client.json")));
  }
}

chat::result<chat::reply> read(std::string_view body) { return ollama_chat::read_reply(padded(body).view()); }

std::string answer_with(std::string_view members) {
  return R"({"model":"m","message":{"role":"assistant","content":"x"},"done":true)" + std::string(members) + "}";
}

TEST(ollama_reply, usage) {
  auto const of = [](std::string_view members) { return read(answer_with(members))->usage; };
  auto const both = of(R"(,"prompt_eval_count":12,"eval_count":20)");
  EXPECT_EQ(both.prompt(), 12);
  EXPECT_EQ(both.completion(), 20);
  EXPECT_EQ(both.in_cache_read, 0);
  EXPECT_TRUE(both.known);
  auto const cached = of(R"(,"eval_count":20)");
  EXPECT_EQ(cached.prompt(), 0);
  EXPECT_EQ(cached.completion(), 20);
  EXPECT_TRUE(cached.known);
  auto const split = of(R"(,"prompt_eval_count":900,"prompt_eval_cached_count":850,"eval_count":1)");
  EXPECT_EQ(split.in_cache_read, 850);
  EXPECT_EQ(split.in_uncached, 50);
  EXPECT_FALSE(of("").known);
  EXPECT_FALSE(of(R"(,"prompt_eval_count":null)").known);
  EXPECT_EQ(of(R"(,"prompt_eval_count":-5,"eval_count":"many")").total(), 0);
}

TEST(ollama_reply, finish) {
  auto const of = [](std::string_view members) { return read(answer_with(members))->finish; };
  EXPECT_EQ(of(R"(,"done_reason":"stop")"), chat::finish_reason::stop);
  EXPECT_EQ(of(R"(,"done_reason":"length")"), chat::finish_reason::length);
  EXPECT_EQ(of(R"(,"done_reason":"load")"), chat::finish_reason::stop);
  EXPECT_EQ(of(R"(,"done_reason":"brand_new")"), chat::finish_reason::stop);
  EXPECT_EQ(of(""), chat::finish_reason::stop) << "older servers give none";
  auto const cut = read(R"({"message":{"tool_calls":[{"function":{"name":"f"}}]},"done":true,"done_reason":"length"})");
  EXPECT_EQ(cut->finish, chat::finish_reason::length);
}

TEST(ollama_reply, unreadable_bodies_are_the_providers_fault) {
  for (auto const* body :
       {"", "{", "[]", "null", "{}", R"({"message":null,"done":true})", R"({"message":"x","done":true})",
        R"({"message":{"content":"x"}})", R"({"message":{"content":"x"},"done":false})", "\xFF",
        "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"message\":{\"content\":\"b\"},\"done\":true}"}) {
    auto const out = read(body);
    ASSERT_FALSE(out) << body;
    EXPECT_EQ(out.error().what, fault_class::bad_response) << body;
  }
  std::string const deep = R"({"message":)" + std::string(200, '[') + std::string(200, ']') + R"(,"done":true})";
  EXPECT_FALSE(read(deep));
}

TEST(ollama_reply, truncated_bodies_are_refused_at_every_length) {
  auto const whole = load(folder() / "tool_loop" / "reply.json");
  auto const end = whole.find_last_of('}');
  for (std::size_t size = 0; size <= end; ++size) {
    ASSERT_FALSE(read(std::string_view(whole).substr(0, size))) << size;
    ASSERT_FALSE(ollama_chat::read_error(500, padded(std::string_view(whole).substr(0, size)).view()).message.empty());
  }
}

TEST(ollama_reply, members_of_the_wrong_type_say_nothing) {
  padded const body(
      R"({"model":1,"message":{"content":[],"thinking":{},"tool_calls":{"a":1}},"done":true,"done_reason":7,"eval_count":{}})");
  auto const out = ollama_chat::read_reply(body.view());
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->parts.empty());
  padded const calls(
      R"({"message":{"tool_calls":[1,null,{"function":"f"},{"function":{"name":"g","arguments":[2]}}]},"done":true})");
  auto const odd = ollama_chat::read_reply(calls.view());
  ASSERT_TRUE(odd);
  ASSERT_EQ(odd->parts.size(), 4u);
  EXPECT_EQ(odd->parts[3].input, "[2]");
  EXPECT_EQ(odd->parts[0].input, "{}");
}

TEST(ollama_reply, an_error_with_status_200_is_one) {
  auto const out = read(R"({"error":"model 'x' not found"})");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().what, fault_class::model_missing);
  EXPECT_EQ(out.error().status, 404);
}

// ---- streams ---------------------------------------------------------------------------------------------------

std::string translate(std::vector<std::string_view> const& pieces) {
  auto const stream = translate_stream(ollama_chat::api_chat, 1700000000, true);
  std::string out;
  for (auto const piece : pieces) {
    std::string const copy(piece);  // dies right after feed: nothing may point into it
    stream->feed(copy, out);
  }
  stream->finish(out);
  if (stream->status().broken) out += "broken: " + stream->status().broken->message;
  return with_made_ids_named(out);
}

std::vector<std::string_view> one_by_one(std::string_view bytes) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < bytes.size(); ++i) out.push_back(bytes.substr(i, 1));
  return out;
}

void expect_same_at_every_cut(std::string_view bytes, std::string const& expected) {
  EXPECT_EQ(translate({bytes}), expected);
  EXPECT_EQ(translate(one_by_one(bytes)), expected);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ASSERT_EQ(translate({bytes.substr(0, cut), bytes.substr(cut)}), expected) << "cut at " << cut;
  }
}

TEST(ollama_stream, golden_at_every_cut) {
  for (auto const& name : cases_with("stream.ndjson")) {
    SCOPED_TRACE(name);
    auto const stream = load(folder() / name / "stream.ndjson");
    auto const expected = load(folder() / name / "client.sse");
    expect_same_at_every_cut(stream, expected);
    EXPECT_EQ(translate({std::string_view(stream).substr(0, stream.size() - 1)}), expected)
        << "without the last newline";
  }
}

struct reading {
  std::vector<std::string> events;
  chat::usage usage;
  std::string fault;
  fault_class what = fault_class::cancelled;
};

/// Feeds all, then takes events one by one with more feeding between: what waits must survive that.
reading events_of(std::string_view bytes) {
  auto const reader = ollama_chat::new_events();
  reading out;
  chat::event event;
  auto const take_all = [&] {
    while (reader->next(event) == step::event) {
      auto const id = event.id.starts_with("call_") && event.id.size() == 29 ? "made" : event.id;
      out.events.push_back(
          fmt::format("{}/{}/{}{}{}", static_cast<int>(event.kind), event.index, id, event.name, event.text));
      if (event.usage.known) out.usage = event.usage;
      std::string const nothing;
      reader->feed(nothing);
    }
  };
  reader->feed(std::string(bytes));
  take_all();
  reader->finish();
  take_all();
  if (reader->next(event) == step::broken) {
    out.fault = reader->fault().message;
    out.what = reader->fault().what;
  }
  return out;
}

std::string described(event_kind kind, int index, std::string_view text) {
  return fmt::format("{}/{}/{}", static_cast<int>(kind), index, text);
}

TEST(ollama_stream, one_line_may_say_everything) {
  auto const out = events_of(
      R"({"message":{"tool_calls":[{"id":"i","function":{"name":"f","arguments":"{\"a\":1}"}},{"function":{"name":"g","arguments":null}}],"content":"c","thinking":"t"},"model":"m","done":true,"eval_count":3})");
  EXPECT_EQ(out.events,
            (std::vector<std::string>{described(event_kind::start, 0, ""), described(event_kind::reasoning, 0, "t"),
                                      described(event_kind::text, 0, "c"), described(event_kind::tool_start, 0, "if"),
                                      described(event_kind::tool_arguments, 0, R"({\"a\":1})"),
                                      described(event_kind::tool_start, 1, "madeg"),
                                      described(event_kind::tool_arguments, 1, "{}"),
                                      described(event_kind::finish, 0, ""), described(event_kind::end, 0, "")}));
  EXPECT_EQ(out.usage.completion(), 3);
  EXPECT_EQ(out.fault, "");
}

std::string const begun = R"({"model":"m","message":{"content":"a"},"done":false})"
                          "\n";

TEST(ollama_stream, row_20_an_end_without_done_is_no_success) {
  EXPECT_EQ(events_of(begun).fault, "the provider's stream ended before the answer was whole");
  EXPECT_EQ(events_of("").fault, "the provider's stream ended before the answer was whole");
  EXPECT_EQ(events_of(begun).what, fault_class::bad_response);
  EXPECT_EQ(events_of(begun + R"({"message":{"content":"b"},"done":"true"})").fault,
            "the provider's stream ended before the answer was whole");
}

TEST(ollama_stream, an_error_line_ends_it) {
  auto const out = events_of(begun +
                             R"({"error":"an error was encountered while running the model: unexpected EOF"})"
                             "\n" +
                             begun);
  EXPECT_EQ(out.events,
            (std::vector<std::string>{described(event_kind::start, 0, ""), described(event_kind::text, 0, "a")}));
  EXPECT_EQ(out.fault, "an error was encountered while running the model: unexpected EOF");
  EXPECT_NE(out.what, fault_class::client_fault);
}

TEST(ollama_stream, nothing_is_read_after_the_end) {
  auto const out = events_of(begun +
                             R"({"done":true})"
                             "\n" +
                             begun + "garbage\n");
  EXPECT_EQ(out.events.size(), 4u);
  EXPECT_EQ(out.fault, "");
}

TEST(ollama_stream, lines_that_are_no_json_break_it) {
  for (auto const* line : {"data: {}", "[]", "{\"a\"", "\xFF", "<html>"}) {
    auto const out = events_of(begun + line + "\n" + begun);
    EXPECT_EQ(out.events.size(), 2u) << line;
    EXPECT_EQ(out.what, fault_class::bad_response) << line;
  }
}

TEST(ollama_stream, lines_about_other_things_are_passed_over) {
  auto const out = events_of(R"({"status":"loading"})"
                             "\n\n" +
                             begun + R"({"done":true})");
  EXPECT_EQ(out.events.size(), 4u);
  EXPECT_EQ(out.fault, "");
}

TEST(ollama_stream, an_endless_line_breaks_it) {
  auto const reader = ollama_chat::new_events();
  std::string const piece(1u << 20, ' ');
  chat::event event;
  step found = step::need_more;
  reader->feed(R"({"a":")");
  for (int i = 0; i < 9 && found == step::need_more; ++i) {
    reader->feed(piece);
    found = reader->next(event);
  }
  EXPECT_EQ(found, step::broken);
  EXPECT_EQ(reader->fault().message, "a line of the provider's stream is too long");
}

TEST(ollama_stream, every_call_has_an_id_of_its_own) {
  auto const reader = ollama_chat::new_events();
  for (int i = 0; i < 300; ++i)
    reader->feed(R"({"message":{"tool_calls":[{"id":"same","function":{"name":"f"}}]}})"
                 "\n");
  std::vector<std::string> ids;
  chat::event event;
  while (reader->next(event) == step::event) {
    if (event.kind == event_kind::tool_start) ids.emplace_back(event.id);
  }
  EXPECT_EQ(ids.size(), 300u);
  EXPECT_EQ(ids[0], "same");
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

// ---- errors ----------------------------------------------------------------------------------------------------

TEST(ollama_error, classes) {
  struct {
    int status;
    char const* body;
    fault_class what;
    char const* code;
  } const rows[] = {
      {404, R"({"error":"model 'qwen9' not found"})", fault_class::model_missing, "model_not_found"},
      {404, R"({"error":"model \"qwen9\" not found, try pulling it first"})", fault_class::model_missing,
       "model_not_found"},
      {404, "404 page not found", fault_class::client_fault, ""},
      {400, R"({"error":"registry.ollama.ai/library/llama2:latest does not support tools"})", fault_class::client_fault,
       "unsupported_capability"},
      {400, R"({"error":"\"llama3.1:8b\" does not support thinking"})", fault_class::client_fault,
       "unsupported_capability"},
      {400, R"({"error":"think value \"high\" is not supported for this model"})", fault_class::client_fault,
       "unsupported_capability"},
      {400, R"({"error":"the input length exceeds the context length"})", fault_class::context_length,
       "context_length_exceeded"},
      {400, R"({"error":"request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it"})",
       fault_class::context_length, "context_length_exceeded"},
      {400, R"({"error":"prompt too long; exceeded max context length by 12 tokens"})", fault_class::context_length,
       "context_length_exceeded"},
      {500, R"({"error":"the input length exceeds the context length"})", fault_class::server_error, "upstream_error"},
      {400, R"({"error":"invalid options: bogus"})", fault_class::client_fault, ""},
      {401, R"({"error":"unauthorized","signin_url":"https://ollama.com/connect?name=box"})", fault_class::auth,
       "invalid_api_key"},
      {403, R"({"error":"this model requires a subscription, upgrade for access"})", fault_class::billing,
       "insufficient_quota"},
      {429, R"({"error":"you have reached your weekly usage limit"})", fault_class::quota_day, "rate_limit_exceeded"},
      {429, R"({"error":"you have reached your hourly usage limit"})", fault_class::rate_limit, "rate_limit_exceeded"},
      {429, R"({"error":"too many concurrent requests"})", fault_class::rate_limit, "rate_limit_exceeded"},
      {503, R"({"error":"server busy, please try again.  maximum pending requests exceeded"})", fault_class::overloaded,
       "upstream_overloaded"},
      {500, R"({"error":"llm server loading model"})", fault_class::starting, "model_loading"},
      {500, R"({"error":"llama runner process has terminated: error loading model"})", fault_class::server_error,
       "upstream_error"},
      {500, R"j({"error":"model requires more system memory (40.0 GiB) than is available (15.5 GiB)"})j",
       fault_class::server_error, "upstream_error"},
      {500, R"({"error":"timed out waiting for llama runner to start"})", fault_class::timeout, "upstream_timeout"},
      {502, R"({"error":"cloud is unreachable"})", fault_class::server_error, "upstream_error"},
      {500, "<html><title>Bad</title></html>", fault_class::server_error, "upstream_error"},
      {500, "", fault_class::server_error, "upstream_error"},
      {400, R"({"error":{"message":"bad","type":"invalid_request_error"}})", fault_class::client_fault, ""},
      {400, R"({"detail":"bad"})", fault_class::client_fault, ""},
      {400, R"({"error":null})", fault_class::client_fault, ""},
  };
  for (auto const& row : rows) {
    auto const out = ollama_chat::read_error(row.status, row.body);
    EXPECT_EQ(chat::to_string(out.what), chat::to_string(row.what)) << row.body;
    EXPECT_EQ(out.code, row.code) << row.body;
    EXPECT_EQ(out.status, row.status) << row.body;
    EXPECT_FALSE(out.message.empty()) << row.body;
    EXPECT_EQ(out.source, chat::fault_source::upstream);
  }
}

TEST(ollama_error, messages) {
  EXPECT_EQ(ollama_chat::read_error(404, R"({"error":"model 'x' not found"})").message,
            "model 'x' not found (`ollama pull` fetches models)");
  EXPECT_EQ(ollama_chat::read_error(404, R"({"error":"model \"x\" not found, try pulling it first"})").message,
            "model \"x\" not found, try pulling it first");
  EXPECT_EQ(ollama_chat::read_error(500, "").message, "the provider answered 500 without a message");
  EXPECT_EQ(ollama_chat::read_error(400, R"({"error":{"message":"caf\u00e9"}})").message, "café");
  EXPECT_LE(ollama_chat::read_error(500, std::string(1u << 20, 'x')).message.size(), 2048u);
}

TEST(ollama_error, in_a_stream_has_a_status_for_the_client) {
  struct {
    char const* line;
    fault_class what;
    int status;
  } const rows[] = {
      {R"({"error":"model 'x' not found"})", fault_class::model_missing, 404},
      {R"({"error":"registry.ollama.ai/x does not support tools"})", fault_class::client_fault, 400},
      {R"({"error":"server busy, please try again"})", fault_class::overloaded, 503},
      {R"({"StatusCode":429,"Status":"429 Too Many Requests","error":"slow down"})", fault_class::rate_limit, 429},
      {R"({"status_code":500,"error":"boom"})", fault_class::server_error, 500},
      {R"({"error":"something odd"})", fault_class::bad_response, 502},
  };
  for (auto const& row : rows) {
    auto const reader = ollama_chat::new_events();
    reader->feed(row.line);
    reader->finish();
    chat::event event;
    ASSERT_EQ(reader->next(event), step::broken);
    EXPECT_EQ(chat::to_string(reader->fault().what), chat::to_string(row.what)) << row.line;
    EXPECT_EQ(reader->fault().status, row.status) << row.line;
  }
}

}  // namespace
}  // namespace recloser::dialects::ollama_case
