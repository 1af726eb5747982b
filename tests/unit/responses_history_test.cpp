// Calls, their results and earlier reasoning in the history of a conversation.

#include <string>

#include <gtest/gtest.h>

#include "dialects/openai_responses/seal.hpp"
#include "responses_fixture.hpp"

namespace recloser::dialects::openai_responses {
namespace {

std::string const user_item = message_item("user", "a");

std::string list(std::initializer_list<std::string> items) {
  std::string out = "[";
  for (auto const& each : items) out += (out.size() > 1 ? "," : "") + each;
  return out + "]";
}

// ---- calls and results -----------------------------------------------------------------------------------------

TEST(responses_history, calls_and_results) {
  EXPECT_EQ(sent_input(user + "," + calls(call("c1", R"({\"a\": \"\\u00e9\"})") + "," + call("c2")) + "," +
                       result("c2", "two") + "," + result("c1", R"(on\ne)")),
            list({user_item, call_item("c1", R"({\"a\": \"\\u00e9\"})"), call_item("c2"), output_item("c2", "two"),
                  output_item("c1", R"(on\ne)")}));
}

TEST(responses_history, every_call_is_answered) {
  EXPECT_EQ(sent_input(user + "," + calls(call("c1") + "," + call("c2")) + "," + result("c2", "two") + "," + user),
            list({user_item, call_item("c1"), call_item("c2"), output_item("c2", "two"),
                  output_item("c1", "(no result)"), user_item}));
  EXPECT_EQ(sent_input(user + "," + calls(call("c1"))),
            list({user_item, call_item("c1"), output_item("c1", "(no result)")}));
}

TEST(responses_history, every_result_has_its_call) {
  EXPECT_EQ(
      sent_input(user + "," + result("gone", "x")),
      list(
          {user_item,
           R"({"type":"message","role":"user","content":[{"type":"input_text","text":"Result of an earlier tool call gone:"},{"type":"input_text","text":"x"}]})"}));
  // The second answer to one call is no answer.
  auto const twice = sent_input(user + "," + calls(call("c")) + "," + result("c", "x") + "," + result("c", "y"));
  EXPECT_NE(twice.find("earlier tool call c:"), std::string::npos) << twice;
}

TEST(responses_history, results_after_words_in_between) {
  EXPECT_EQ(sent_input(user + "," + calls(call("c1")) + R"(,{"role":"system","content":"s"},)" + result("c1", "one")),
            list({user_item, call_item("c1"), message_item("developer", "s"), output_item("c1", "one")}));
  EXPECT_EQ(sent_input(user + "," + calls(call("c1")) + "," + calls(call("c2")) + "," + result("c1", "one") + "," +
                       result("c2", "two")),
            list({user_item, call_item("c1"), call_item("c2"), output_item("c1", "one"), output_item("c2", "two")}));
}

TEST(responses_history, ids_are_short_and_never_twice) {
  auto const again = sent_input(user + "," + calls(call("c")) + "," + result("c", "1") + "," + calls(call("c")) + "," +
                                result("c", "2"));
  EXPECT_EQ(again, list({user_item, call_item("c"), output_item("c", "1"), call_item("c_2"), output_item("c_2", "2")}));
  std::string const long_id(100, 'x');
  auto const input = sent_input(user + "," + calls(call(long_id)) + "," + result(long_id, "1"));
  EXPECT_EQ(input.find(std::string(65, 'x')), std::string::npos) << input;
}

TEST(responses_history, results_in_parts) {
  EXPECT_EQ(
      sent_input(
          user + "," + calls(call("c")) +
          R"(,{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"),
      list({user_item, call_item("c"), output_item("c", R"(a\nb)")}));
  EXPECT_EQ(sent_input(user + "," + calls(call("c")) + R"(,{"role":"tool","tool_call_id":"c","content":""})"),
            list({user_item, call_item("c"), output_item("c", "")}));
  EXPECT_EQ(
      sent_input(
          user + "," + calls(call("c")) +
          R"(,{"role":"tool","tool_call_id":"c","content":[{"type":"image_url","image_url":"https://e.com/a"}]})"),
      list(
          {user_item, call_item("c"),
           R"({"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"https://e.com/a"}]})"}));
}

TEST(responses_history, the_form_before_tools) {
  EXPECT_EQ(sent_input(user + R"(,{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},)" +
                       R"({"role":"function","name":"f","content":"x"})"),
            list({user_item, call_item("call"), output_item("call", "x")}));
}

TEST(responses_history, what_the_assistant_said) {
  EXPECT_EQ(
      sent_input(user + R"(,{"role":"assistant","content":"","refusal":"no"})"),
      list({user_item, R"({"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]})"}));
  EXPECT_EQ(sent_input(user + R"(,{"role":"assistant","content":""},)" + user), list({user_item, user_item}));
  EXPECT_EQ(sent_input(user + R"(,{"role":"assistant","content":[{"type":"text","text":"b"}]})"),
            list({user_item, message_item("assistant", "b", "output_text")}));
}

TEST(responses_history, who_instructs) {
  auto const said = R"({"role":"system","content":"s"},{"role":"developer","content":"d"})";
  struct {
    char const* model;
    char const* role;
  } const rows[] = {{"gpt-5.5", "developer"}, {"o3", "developer"}, {"gpt-4o", "system"},
                    {"grok-4.5", "system"},   {"llama", "system"}, {"openai/gpt-5", "developer"}};
  for (auto const& each : rows) {
    EXPECT_EQ(sent_input(said, each.model), list({message_item(each.role, "s"), message_item(each.role, "d")}))
        << each.model;
  }
}

// ---- reasoning -------------------------------------------------------------------------------------------------

std::string thought(std::string_view data, std::string_view model) {
  return R"({"type":"redacted_thinking","data":")" + std::string(data) + R"(","model":")" + std::string(model) +
         R"("})";
}

std::string assistant(std::string_view blocks, std::string_view content, std::string_view tool_calls = "") {
  return user + R"(,{"role":"assistant","content":)" + std::string(content) + R"(,"thinking_blocks":[)" +
         std::string(blocks) + R"(],"tool_calls":[)" + std::string(tool_calls) + "]}";
}

TEST(responses_history, reasoning_stands_before_what_it_led_to) {
  auto const blocks = thought("rs_1:c2:AAA=", "gpt-5.5") + "," + thought("rs_2::BBB", "gpt-5.5") + "," +
                      thought("rs_3:c2:CCC", "gpt-5.5-2026-04-23");
  EXPECT_EQ(sent_input(assistant(blocks, R"("words")", call("c1") + "," + call("c2"))),
            list({user_item, reasoning_item("BBB"), message_item("assistant", "words", "output_text"), call_item("c1"),
                  reasoning_item("AAA="), reasoning_item("CCC"), call_item("c2"), output_item("c1", "(no result)"),
                  output_item("c2", "(no result)")}));
}

TEST(responses_history, xai_wants_the_id_of_reasoning) {
  EXPECT_EQ(sent_input(assistant(thought("rs_1::AAA", "grok-4.5"), R"("w")"), "grok-4.5"),
            list({user_item, R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"AAA"})",
                  message_item("assistant", "w", "output_text")}));
}

TEST(responses_history, foreign_and_orphaned_reasoning_is_left_out) {
  struct {
    char const* what;
    std::string blocks;
    char const* content;
    std::string tool_calls;
  } const rows[] = {
      {"another model's", thought("rs_1::AAA", "gpt-5.4"), R"("w")", ""},
      {"another vendor's", thought("EmwKAhgBEgy3va3pzix", "gpt-5.5"), R"("w")", ""},
      {"another vendor's, without a name", R"({"type":"thinking","thinking":"t","signature":"EqoBCkgIARABGAIi"})",
       R"("w")", ""},
      {"one separator", thought("rs_1:AAA", "gpt-5.5"), R"("w")", ""},
      {"nothing in it", thought("rs_1::", "gpt-5.5"), R"("w")", ""},
      {"its call is gone", thought("rs_1:c9:AAA", "gpt-5.5"), R"("w")", call("c1")},
      {"its words are gone", thought("rs_1::AAA", "gpt-5.5"), "null", call("c1")},
  };
  for (auto const& each : rows) {
    SCOPED_TRACE(each.what);
    auto const request = saying(assistant(each.blocks, each.content, each.tool_calls));
    EXPECT_EQ(sent(request, "gpt-5.5", "input").find("reasoning"), std::string::npos);
    EXPECT_EQ(lost(request, "gpt-5.5"), names{"thinking_blocks"});
  }
}

TEST(responses_history, seals_without_a_name_are_known_by_their_form) {
  EXPECT_EQ(sent_input(assistant(R"({"type":"redacted_thinking","data":"rs_1::AAA"})", R"("w")")),
            list({user_item, reasoning_item("AAA"), message_item("assistant", "w", "output_text")}));
  EXPECT_EQ(sent_input(
                assistant(R"({"type":"thinking","thinking":"t","signature":"rs_1::AAA","model":"gpt-5.5"})", R"("w")")),
            list({user_item, reasoning_item("AAA"), message_item("assistant", "w", "output_text")}));
}

TEST(responses_history, seals_survive_the_way) {
  for (auto const* call_id : {"", "call_1", "functions.f:0", "a:b:c"}) {
    chat::part part;
    part.kind = chat::part_kind::redacted_thinking;
    std::string const text = write_seal({"rs_1", call_id, "gAAAA_-=="});
    part.data = text;
    auto const read = read_seal(part, "gpt-5.5");
    ASSERT_TRUE(read) << call_id;
    EXPECT_EQ(read->item_id, "rs_1");
    EXPECT_EQ(read->call_id, call_id);
    EXPECT_EQ(read->encrypted, "gAAAA_-==");
  }
  chat::part empty;
  EXPECT_FALSE(read_seal(empty, ""));
}

}  // namespace
}  // namespace recloser::dialects::openai_responses
