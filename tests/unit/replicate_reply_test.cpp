// Predictions, their streams cut at every place, and what goes wrong with them.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/replicate/predictions.hpp"

namespace recloser::dialects::replicate_case {
namespace {

using chat::event_kind;
using chat::fault_class;
using replicate::prediction_status;
using step = event_source::step;

// ---- predictions -----------------------------------------------------------------------------------------------

/// A prediction as the API sends it (providers-native.md §6.1).
std::string prediction_with(std::string_view status, std::string_view output, std::string_view more = "") {
  return fmt::format(
      R"({{"id":"gm3qorzdhgbfurvjtvhg6dckhu","model":"meta/meta-llama-3-8b-instruct","version":"hidden","input":{{"prompt":"hi","status":"failed"}},)"
      R"("logs":"","output":{},"data_removed":false,"error":null,"source":"api","status":"{}","created_at":"2026-11-22T07:00:00.000Z",)"
      R"("started_at":"2026-11-22T07:00:01.000Z","completed_at":"2026-11-22T07:00:02.000Z","metrics":{{"predict_time":1.25,"total_time":2.5,"input_token_count":12,"output_token_count":34}},)"
      R"("urls":{{"cancel":"https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu/cancel","get":"https:\/\/api.replicate.com\/v1\/predictions\/gm3qorzdhgbfurvjtvhg6dckhu",)"
      R"("stream":"https://stream.replicate.com/v1/files/bcwr-abc"}}{}}})",
      output, status, more);
}

TEST(replicate_prediction, is_read) {
  padded const body(prediction_with("processing", "null"));
  auto const out = replicate::read_prediction(body.view());
  ASSERT_TRUE(out);
  EXPECT_EQ(out->id, "gm3qorzdhgbfurvjtvhg6dckhu");
  EXPECT_EQ(out->model, "meta/meta-llama-3-8b-instruct");
  EXPECT_EQ(out->status, prediction_status::processing);
  EXPECT_EQ(out->output, "");
  EXPECT_EQ(out->error, "");
  EXPECT_EQ(out->stream_url, "https://stream.replicate.com/v1/files/bcwr-abc");
  EXPECT_EQ(out->get_url, "https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu");
  EXPECT_EQ(out->cancel_url, "https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu/cancel");
  EXPECT_EQ(replicate::get_path(out->id), "/predictions/gm3qorzdhgbfurvjtvhg6dckhu");
  EXPECT_EQ(replicate::cancel_path(out->id), "/predictions/gm3qorzdhgbfurvjtvhg6dckhu/cancel");
  EXPECT_EQ(out->usage.prompt(), 12);
  EXPECT_EQ(out->usage.completion(), 34);
  EXPECT_TRUE(out->usage.known);
}

TEST(replicate_prediction, statuses) {
  struct {
    char const* word;
    prediction_status status;
    bool over;
  } const rows[] = {
      {"starting", prediction_status::starting, false}, {"processing", prediction_status::processing, false},
      {"queued", prediction_status::processing, false}, {"succeeded", prediction_status::succeeded, true},
      {"failed", prediction_status::failed, true},      {"canceled", prediction_status::canceled, true},
      {"aborted", prediction_status::aborted, true},
  };
  for (auto const& row : rows) {
    padded const body(prediction_with(row.word, "null"));
    auto const out = replicate::read_prediction(body.view());
    ASSERT_TRUE(out) << row.word;
    EXPECT_EQ(out->status, row.status) << row.word;
    EXPECT_EQ(replicate::is_over(out->status), row.over) << row.word;
  }
}

TEST(replicate_prediction, token_counts_have_two_names) {
  auto const usage = [](std::string_view metrics) {
    padded const body(R"({"id":"a","status":"succeeded","metrics":)" + std::string(metrics) + "}");
    return replicate::read_prediction(body.view())->usage;
  };
  EXPECT_EQ(usage(R"({"token_input_count":5,"token_output_count":6})").prompt(), 5);
  EXPECT_EQ(usage(R"({"token_input_count":5,"token_output_count":6})").completion(), 6);
  EXPECT_FALSE(usage(R"({"predict_time":1.5})").known);
  EXPECT_FALSE(usage("null").known);
  EXPECT_FALSE(usage(R"({"input_token_count":-1,"output_token_count":"x"})").known);
}

TEST(replicate_prediction, unreadable_ones_are_the_providers_fault) {
  for (auto const* body : {"", "{", "[]", "{}", R"({"id":"a"})", R"({"status":"succeeded"})",
                           R"({"id":"","status":"starting"})", R"({"id":"../x","status":"starting"})",
                           R"({"id":"a\/b","status":"starting"})", R"({"id":"a\r\nb","status":"starting"})",
                           R"({"id":7,"status":"starting"})", R"({"id":"a","status":null})", "<html>", "\xFF"}) {
    auto const out = replicate::read_prediction(padded(body).view());
    ASSERT_FALSE(out) << body;
    EXPECT_EQ(out.error().what, fault_class::bad_response) << body;
  }
  EXPECT_FALSE(replicate::read_prediction(R"({"status":"starting","id":")" + std::string(65, 'a') + "\"}"));
}

TEST(replicate_prediction, truncated_bodies_are_refused_at_every_length) {
  auto const whole = prediction_with("succeeded", R"(["Hel","lo \u00e9"])");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    padded const body(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(replicate::read_reply(body.view())) << size;
    ASSERT_FALSE(replicate::read_inputs(body.view())) << size;
    ASSERT_FALSE(replicate::read_error(500, body.view()).message.empty()) << size;
  }
}

// ---- answers ---------------------------------------------------------------------------------------------------

std::string text_of_output(std::string_view output) {
  padded const body(prediction_with("succeeded", output));
  auto const out = replicate::read_reply(body.view());
  if (!out) return "fault: " + out.error().message;
  std::string text;
  for (auto const& part : out->parts) text += part.text;
  return text;
}

TEST(replicate_reply, outputs_of_every_shape) {
  EXPECT_EQ(text_of_output(R"(["Hel","lo"," \u00e9\n",""])"), R"(Hello \u00e9\n)");
  EXPECT_EQ(text_of_output(R"(["\ud83d","\ude00"])"), R"(\ud83d\ude00)");
  EXPECT_EQ(text_of_output(R"("one \"text\"")"), R"(one \"text\")");
  EXPECT_EQ(text_of_output("null"), "");
  EXPECT_EQ(text_of_output("[]"), "");
  EXPECT_EQ(text_of_output(R"({"answer":"x", "n":1.50})"), R"({\"answer\":\"x\", \"n\":1.50})");
  EXPECT_EQ(text_of_output(R"(["a",1])"), R"([\"a\",1])");
  EXPECT_EQ(text_of_output("42"), "42");
}

TEST(replicate_reply, golden) {
  padded const body(prediction_with("succeeded", R"(["Hel","lo"])"));
  auto const answer = replicate::read_reply(body.view());
  ASSERT_TRUE(answer);
  std::string out;
  openai_chat::write_reply(*answer, 1700000000, out);
  EXPECT_EQ(
      out,
      R"({"id":"gm3qorzdhgbfurvjtvhg6dckhu","object":"chat.completion","created":1700000000,"model":"meta/meta-llama-3-8b-instruct","choices":[{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}})");
}

TEST(replicate_reply, predictions_that_did_not_succeed) {
  struct {
    char const* status;
    char const* error;
    fault_class what;
    int shown;
  } const rows[] = {
      {"failed", R"("CUDA out of memory")", fault_class::server_error, 502},
      {"failed", "null", fault_class::server_error, 502},
      {"failed", R"({"detail":"boom"})", fault_class::server_error, 502},
      {"failed", R"("Input validation error: max_tokens must be at least 1024")", fault_class::client_fault, 400},
      {"failed",
       R"j("The input or output was flagged as sensitive. Please try again with different inputs. (E005) (abc)")j",
       fault_class::content_policy, 400},
      {"failed", R"j("Service is temporarily unavailable. Please try again later. (E004) (abc)")j",
       fault_class::overloaded, 503},
      {"failed", R"j("Service is currently unavailable due to high demand. Please try again later. (E003) (abc)")j",
       fault_class::overloaded, 503},
      {"failed", R"("This model's maximum context length is 8192 tokens")", fault_class::context_length, 400},
      {"canceled", "null", fault_class::server_error, 502},
      {"aborted", "null", fault_class::overloaded, 503},
      {"starting", "null", fault_class::bad_response, 502},
      {"processing", "null", fault_class::bad_response, 502},
  };
  for (auto const& row : rows) {
    padded const body(
        fmt::format(R"j({{"id":"a","status":"{}","output":["half"],"error":{}}})j", row.status, row.error));
    auto const out = replicate::read_reply(body.view());
    ASSERT_FALSE(out) << row.status;
    EXPECT_EQ(chat::to_string(out.error().what), chat::to_string(row.what)) << row.status << row.error;
    EXPECT_EQ(chat::client_status(out.error()), row.shown) << row.status << row.error;
    EXPECT_FALSE(out.error().message.empty());
  }
}

// ---- streams ---------------------------------------------------------------------------------------------------

struct reading {
  std::vector<std::string> events;
  std::string text;
  std::string fault;
  fault_class what = fault_class::cancelled;

  bool operator==(reading const&) const = default;
};

reading read_pieces(std::vector<std::string_view> const& pieces, replicate::prediction const& of = {}) {
  auto const reader = replicate::new_events(of);
  reading out;
  chat::event event;
  auto const take_all = [&] {
    while (reader->next(event) == step::event) {
      out.events.push_back(fmt::format("{}:{}{}", static_cast<int>(event.kind), event.id, event.text));
      if (event.kind == event_kind::text) out.text += event.text;
    }
  };
  for (auto const piece : pieces) {
    std::string const copy(piece);  // dies right after feed: nothing may point into it
    reader->feed(copy);
    take_all();
  }
  reader->finish();
  take_all();
  if (reader->next(event) == step::broken) {
    out.fault = reader->fault().message;
    out.what = reader->fault().what;
  }
  return out;
}

std::string described(event_kind kind, std::string_view text = {}) {
  return fmt::format("{}:{}", static_cast<int>(kind), text);
}

/// As documented in providers-native.md §6.3: multi-line data, leading spaces, logs, comments, ids, retry.
std::string const stream =
    ": hi\n\n"
    "retry: 5000\n\n"
    "event: output\nid: 1700:0\ndata: Once\n\n"
    "event: logs\nid: 1700:1\ndata: Random seed: 7\n\n"
    "event: output\nid: 1700:2\ndata:  upon \"a\" time,\n\n"
    "event: output\nid: 1700:3\ndata: \ndata: \ndata: é\\n\ndata: \n\n"
    "event: output\nid: 1700:4\ndata:\n\n"
    "event: output\nid: 1700:5\ndata: {}\n\n"
    "event: done\nid: 1700:6\ndata: {}\n\n";

std::vector<std::string> const told = {
    described(event_kind::start),
    described(event_kind::text, "Once"),
    described(event_kind::text, R"( upon \"a\" time,)"),
    described(event_kind::text, R"(\n\né\\n\n)"),
    described(event_kind::text, "{}"),
    described(event_kind::finish),
    described(event_kind::end),
};

TEST(replicate_stream, at_every_cut) {
  std::string crlf;
  for (char const c : stream) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  for (std::string_view const bytes : {std::string_view(stream), std::string_view(crlf)}) {
    auto const whole = read_pieces({bytes});
    EXPECT_EQ(whole.events, told);
    EXPECT_EQ(whole.fault, "");
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
    EXPECT_EQ(read_pieces(single), whole);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      ASSERT_EQ(read_pieces({bytes.substr(0, cut), bytes.substr(cut)}), whole) << "cut at " << cut;
    }
  }
  EXPECT_EQ(read_pieces({std::string_view(stream).substr(0, stream.size() - 2)}).events, told)
      << "without the last line ends";
}

TEST(replicate_stream, the_prediction_names_the_answer) {
  replicate::prediction of;
  of.id = "pred1";
  of.model = "o/n";
  auto const reader = replicate::new_events(of);
  of.id = "gone";
  reader->feed("event: done\ndata: {}\n\n");
  chat::event event;
  ASSERT_EQ(reader->next(event), step::event);
  EXPECT_EQ(event.kind, event_kind::start);
  EXPECT_EQ(event.id, "pred1");
  EXPECT_EQ(event.model, "o/n");
}

TEST(replicate_stream, ends_that_are_no_success) {
  std::string const begun = "event: output\ndata: a\n\n";
  struct {
    char const* rest;
    char const* fault;
    fault_class what;
  } const rows[] = {
      {"", "the provider's stream ended before the answer was whole", fault_class::bad_response},
      {"event: done\n\n", "the provider's stream ended before the answer was whole", fault_class::bad_response},
      {"event: done\ndata: {\"reason\":\"canceled\"}\n\n", "the prediction was canceled at the provider",
       fault_class::server_error},
      {"event: done\ndata: {\"reason\":\"error\"}\n\n", "the prediction failed at the provider",
       fault_class::server_error},
      {"event: error\ndata: {\"detail\":\"An unexpected error occurred\"}\n\nevent: done\ndata: "
       "{\"reason\":\"error\"}\n\n",
       "An unexpected error occurred", fault_class::server_error},
      {"event: error\ndata: plain words\n\n", "plain words", fault_class::server_error},
      {"event: error\ndata: flagged as sensitive\n\n", "flagged as sensitive", fault_class::content_policy},
      {"event: error\ndata:\n\n", "the provider's prediction failed without a message", fault_class::server_error},
  };
  for (auto const& row : rows) {
    auto const out = read_pieces({begun + row.rest});
    EXPECT_EQ(out.events, (std::vector<std::string>{described(event_kind::start), described(event_kind::text, "a")}))
        << row.rest;
    EXPECT_EQ(out.fault, row.fault) << row.rest;
    EXPECT_EQ(chat::to_string(out.what), chat::to_string(row.what)) << row.rest;
  }
  EXPECT_EQ(read_pieces({""}).what, fault_class::bad_response);
}

TEST(replicate_stream, nothing_is_read_after_the_end) {
  auto const out = read_pieces({"event: done\ndata: {}\n\nevent: output\ndata: late\n\nevent: error\ndata: late\n\n"});
  EXPECT_EQ(out.text, "");
  EXPECT_EQ(out.fault, "");
  EXPECT_EQ(out.events.size(), 3u);
  EXPECT_EQ(read_pieces({"event: done\ndata: \n\n"}).fault, "") << "an end without a reason is one";
}

TEST(replicate_stream, what_is_no_utf8_does_not_get_through) {
  EXPECT_EQ(read_pieces({"event: output\ndata: a\xFF"
                         "b\n\nevent: done\ndata: {}\n\n"})
                .text,
            "a?b");
}

TEST(replicate_stream, an_endless_event_breaks_it) {
  auto const reader = replicate::new_events();
  std::string const piece(1u << 20, 'x');
  chat::event event;
  step found = step::need_more;
  reader->feed("event: output\ndata: ");
  for (int i = 0; i < 9 && found == step::need_more; ++i) {
    reader->feed(piece);
    found = reader->next(event);
  }
  EXPECT_EQ(found, step::broken);
}

TEST(replicate_stream, a_whole_answer_can_be_played_as_one) {
  padded const body(prediction_with("succeeded", R"(["Hel","lo"])"));
  auto answer = replicate::read_reply(body.view());
  ASSERT_TRUE(answer);
  auto const reader = replicate::events_of(std::move(*answer));
  std::vector<std::string> events;
  chat::event event;
  while (reader->next(event) == step::event)
    events.push_back(fmt::format("{}:{}", static_cast<int>(event.kind), event.text));
  EXPECT_EQ(events, (std::vector<std::string>{described(event_kind::start), described(event_kind::text, "Hello"),
                                              described(event_kind::finish), described(event_kind::end)}));
  EXPECT_EQ(event.usage.total(), 46);
  EXPECT_EQ(reader->next(event), step::need_more);
}

// ---- links -----------------------------------------------------------------------------------------------------

TEST(replicate_link, stays_with_the_provider) {
  struct {
    char const* url;
    char const* base;
    char const* where;  // host:port target, or empty
  } const rows[] = {
      {"https://api.replicate.com/v1/predictions/a", "https://api.replicate.com/v1",
       "api.replicate.com:443/v1/predictions/a"},
      {"https://stream.replicate.com/v1/files/x?t=1", "https://api.replicate.com/v1",
       "stream.replicate.com:443/v1/files/x?t=1"},
      {"https://streaming-api.svc.us.c.replicate.net/v1/s/x", "https://api.replicate.com/v1",
       "streaming-api.svc.us.c.replicate.net:443/v1/s/x"},
      {"HTTPS://api.replicate.com/", "https://api.replicate.com/v1", ""},
      {"https://API.Replicate.com/a", "https://api.replicate.com/v1", "api.replicate.com:443/a"},
      {"https://stream.replicate.com", "https://api.replicate.com/v1", "stream.replicate.com:443/"},
      {"http://127.0.0.1:9000/s", "http://127.0.0.1:9000/v1", "127.0.0.1:9000/s"},
      {"http://[::1]:9000/s", "http://[::1]:9000", "[::1]:9000/s"},
      {"https://proxy.example/s", "https://proxy.example:443/v1", "proxy.example:443/s"},
      {"http://stream.replicate.com/x", "https://api.replicate.com/v1", ""},
      {"https://stream.replicate.com:8443/x", "https://api.replicate.com/v1", ""},
      {"https://evil.com/x", "https://api.replicate.com/v1", ""},
      {"https://evilreplicate.com/x", "https://api.replicate.com/v1", ""},
      {"https://stream.replicate.com.evil.com/x", "https://api.replicate.com/v1", ""},
      {"https://user@stream.replicate.com/x", "https://api.replicate.com/v1", ""},
      {"https://evil.com#.replicate.com/x", "https://api.replicate.com/v1", ""},
      {"https://evil.com?.replicate.com/x", "https://api.replicate.com/v1", ""},
      {"https://evil.com\\.replicate.com/x", "https://api.replicate.com/v1", ""},
      {"https://api.replicate.com/a b", "https://api.replicate.com/v1", ""},
      {"https://api.replicate.com/a\r\nX: y", "https://api.replicate.com/v1", ""},
      {"https://api.replicate.com:0/a", "https://api.replicate.com/v1", ""},
      {"https://api.replicate.com:99999/a", "https://api.replicate.com/v1", ""},
      {"https://stream.replicate.com/x", "http://127.0.0.1:9000/v1", ""},
      {"https://stream.replicate.com/x", "https://proxy.example/v1", ""},
      {"http://127.0.0.1:9001/s", "http://127.0.0.1:9000/v1", ""},
      {"https://[::1/x", "https://[::1/v1", ""},
      {"https:///x", "https:///v1", ""},
      {"ftp://api.replicate.com/x", "ftp://api.replicate.com/x", ""},
      {"/v1/predictions/a", "https://api.replicate.com/v1", ""},
      {"", "https://api.replicate.com/v1", ""},
      {"", "", ""},
  };
  for (auto const& row : rows) {
    auto const found = replicate::own_link(row.url, row.base);
    EXPECT_EQ(found ? fmt::format("{}:{}{}", found->host, found->port, found->target) : "", row.where) << row.url;
    if (found) EXPECT_EQ(found->tls, std::string_view(row.url).starts_with("https")) << row.url;
  }
}

// ---- errors ----------------------------------------------------------------------------------------------------

TEST(replicate_error, classes) {
  struct {
    int status;
    char const* body;
    fault_class what;
    char const* message;
  } const rows[] = {
      {401, R"({"title":"Unauthenticated","detail":"You did not pass a valid authentication token","status":401})",
       fault_class::auth, "Unauthenticated: You did not pass a valid authentication token"},
      {402,
       R"({"title":"Insufficient credit","detail":"You have insufficient credit to run this model.","status":402})",
       fault_class::billing, "Insufficient credit: You have insufficient credit to run this model."},
      {404, R"({"detail":"The requested resource could not be found.","status":404})", fault_class::model_missing,
       "The requested resource could not be found."},
      {422,
       R"j({"title":"Invalid version or not permitted","detail":"The specified version does not exist (or perhaps you don't have permission to use it?)","status":422})j",
       fault_class::model_missing,
       "Invalid version or not permitted: The specified version does not exist (or perhaps you don't have permission "
       "to use it?)"},
      {422,
       R"({"title":"Input validation failed","detail":"- input.max_tokens: Must be greater than or equal to 1024\n","status":422,"invalid_fields":[{"type":"number_gte","field":"input.max_tokens","description":"Must be greater than or equal to 1024"}]})",
       fault_class::client_fault, "Input validation failed: - input.max_tokens: Must be greater than or equal to 1024"},
      {422, R"({"invalid_fields":[{"field":"input.x","description":"is not allowed"}]})", fault_class::client_fault,
       "input.x: is not allowed"},
      {422, R"({"detail":[{"loc":["body","input"],"msg":"field required","type":"value_error.missing"}]})",
       fault_class::client_fault, "field required"},
      {429, R"({"detail":"Request was throttled. Your rate limit resets in ~30s."})", fault_class::rate_limit,
       "Request was throttled. Your rate limit resets in ~30s."},
      {500, R"({"detail":"Input validation"})", fault_class::server_error, "Input validation"},
      {503, "<html><title>Busy</title></html>", fault_class::overloaded, "the provider sent a page of HTML: Busy"},
      {502, "", fault_class::server_error, "the provider answered 502 without a message"},
  };
  for (auto const& row : rows) {
    auto const out = replicate::read_error(row.status, row.body);
    EXPECT_EQ(chat::to_string(out.what), chat::to_string(row.what)) << row.body;
    EXPECT_EQ(out.message, row.message) << row.body;
    EXPECT_EQ(out.status, row.status) << row.body;
  }
}

TEST(replicate_error, the_wait_is_in_the_words) {
  auto const out = replicate::read_error(429, R"({"detail":"Request was throttled. Your rate limit resets in ~30s."})");
  EXPECT_EQ(out.retry_after, std::chrono::seconds(30));
  EXPECT_FALSE(replicate::read_error(429, R"({"detail":"Request was throttled. It resets in ~soon."})").retry_after);
}

TEST(replicate_error, hides_tokens_and_is_bounded) {
  EXPECT_EQ(replicate::read_error(401, R"({"detail":"bad token r8_abcdefgh12345"})").message, "bad token r8_***");
  EXPECT_LE(replicate::read_error(500, std::string(1u << 20, 'x')).message.size(), 2048u);
}

}  // namespace
}  // namespace recloser::dialects::replicate_case
