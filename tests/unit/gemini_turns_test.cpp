// The shape of `contents` (providers-native.md §2.4), and signatures in it (§2.6).

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dialects/gemini/signatures.hpp"
#include "gemini_fixture.hpp"

namespace recloser::dialects::gemini {
namespace {

std::string of(std::string_view role, std::string_view parts) {
  return fmt::format(R"({{"role":"{}","parts":[{}]}})", role, parts);
}
std::string text(std::string_view words) { return fmt::format(R"({{"text":"{}"}})", words); }
std::string sent_call(std::string_view id, std::string_view signature = {}, std::string_view args = "{}") {
  auto const seal = signature.empty() ? std::string() : fmt::format(R"(,"thoughtSignature":"{}")", signature);
  return fmt::format(R"({{"functionCall":{{"id":"{}","name":"f","args":{}}}{}}})", id, args, seal);
}
std::string response(std::string_view id, std::string_view key, std::string_view words) {
  return fmt::format(R"({{"functionResponse":{{"id":"{}","name":"f","response":{{"{}":"{}"}}}}}})", id, key, words);
}
std::string answer(std::string_view id, std::string_view words) { return response(id, "output", words); }
std::string no_answer(std::string_view id) { return response(id, "error", "(no result)"); }
std::string list(std::initializer_list<std::string> all) {
  std::string out;
  for (auto const& each : all) out.append(out.empty() ? "[" : ",").append(each);
  return out + "]";
}
std::string said(std::string_view role, std::string_view words) {
  return fmt::format(R"({{"role":"{}","content":"{}"}})", role, words);
}

TEST(gemini_turns, alternate) {
  struct {
    std::string messages;
    std::string contents;
  } const cases[] = {
      {said("user", "a") + "," + said("user", "b"), list({of("user", text("a") + "," + text("b"))})},
      {said("assistant", "a"), list({of("user", text(".")), of("model", text("a"))})},
      {said("user", "") + "," + said("assistant", "") + "," + said("user", "b"), list({of("user", text("b"))})},
      {said("user", ""), list({of("user", text("."))})},
      {said("user", "a") + "," + said("assistant", "b") + "," + said("user", "") + "," + said("assistant", "c"),
       list({of("user", text("a")), of("model", text("b")), of("user", text(".")), of("model", text("c"))})},
      {said("user", "a") + "," + said("assistant", "b") + "," + said("system", "s"),
       list({of("user", text("a")), of("model", text("b")), of("user", text("s"))})},
      {said("user", " \\n"), list({of("user", text(" \\n"))})},
      {user + R"(,{"role":"assistant","refusal":"no"})", list({of("user", text("a")), of("model", text("no"))})},
  };
  for (auto const& each : cases) EXPECT_EQ(contents(each.messages), each.contents) << each.messages;
}

TEST(gemini_turns, contents_are_never_empty) {
  auto const only_system = sent(saying(said("system", "s")), flash_2_5);
  EXPECT_EQ(only_system.upstream, R"({"contents":[{"role":"user","parts":[{"text":"s"}]}]})");
  EXPECT_EQ(sent(saying(said("system", "")), flash_2_5).upstream,
            R"({"contents":[{"role":"user","parts":[{"text":"."}]}]})");
  // Gemma has no place for system texts.
  auto const gemma = sent(saying(said("system", "s") + "," + said("user", "a")), "gemma-3-27b-it");
  EXPECT_EQ(gemma.upstream, R"({"contents":[{"role":"user","parts":[{"text":"s"},{"text":"a"}]}]})");
}

// ---- calls -----------------------------------------------------------------------------------------------------

TEST(gemini_turns, every_call_is_answered_in_the_next_content) {
  struct {
    char const* what;
    std::string messages;
    std::string after_user;
  } const cases[] = {
      {"order of the calls", calls(call("x") + "," + call("y")) + "," + result("y", "2") + "," + result("x", "1"),
       of("model", sent_call("x") + "," + sent_call("y")) + "," +
           of("user", answer("x", "1") + "," + answer("y", "2"))},
      {"nobody answered", calls(call("x")), of("model", sent_call("x")) + "," + of("user", no_answer("x"))},
      {"the user spoke instead", calls(call("x")) + "," + said("user", "b"),
       of("model", sent_call("x")) + "," + of("user", no_answer("x")) + "," + of("user", text("b"))},
      {"the user spoke between", calls(call("x")) + "," + said("user", "b") + "," + result("x", "1"),
       of("model", sent_call("x")) + "," + of("user", answer("x", "1")) + "," + of("user", text("b"))},
      {"the model went on", calls(call("x")) + "," + said("assistant", "b"),
       of("model", sent_call("x") + "," + text("b")) + "," + of("user", no_answer("x"))},
      {"answered twice", calls(call("x")) + "," + result("x", "1") + "," + result("x", "2"),
       of("model", sent_call("x")) + "," + of("user", answer("x", "1")) + "," +
           of("user", text("Result of an earlier tool call x:") + "," + text("2"))},
      {"one id for two", calls(call("x") + "," + call("x")) + "," + result("x", "1") + "," + result("x", "2"),
       of("model", sent_call("x") + "," + sent_call("x")) + "," +
           of("user", answer("x", "1") + "," + answer("x", "2"))},
      {"an id of an earlier turn",
       calls(call("x")) + "," + result("x", "1") + "," + calls(call("x")) + "," + result("x", "2"),
       of("model", sent_call("x")) + "," + of("user", answer("x", "1")) + "," + of("model", sent_call("x")) + "," +
           of("user", answer("x", "2"))},
  };
  for (auto const& each : cases) {
    EXPECT_EQ(contents(user + "," + each.messages), "[" + of("user", text("a")) + "," + each.after_user + "]")
        << each.what;
  }
}

TEST(gemini_turns, functions_before_tools) {
  EXPECT_EQ(
      contents(
          user +
          R"(,{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"})"),
      R"([{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"r"}}}]}])");
}

// §7 row 27: an object, whatever the tool said; and words stay words, so that no number passes through a double.
TEST(gemini_turns, a_result_is_an_object) {
  for (auto const each : {"plain", "[1,2]", "7", "null", R"({\"id\":12345678901234567890})", R"({\"$ref\":\"a\"})"}) {
    EXPECT_EQ(contents(user + "," + calls(call("x")) + "," + result("x", each)),
              list({of("user", text("a")), of("model", sent_call("x")), of("user", answer("x", each))}));
  }
}

// §7 row 28
TEST(gemini_turns, arguments_are_not_touched) {
  EXPECT_EQ(contents(user + "," + calls(call("x", R"({\"b\": 1.10, \"a\":12345678901234567890})"))),
            list({of("user", text("a")), of("model", sent_call("x", {}, R"({"b": 1.10, "a":12345678901234567890})")),
                  of("user", no_answer("x"))}));
}

// ---- signatures ------------------------------------------------------------------------------------------------

std::string signed_call(std::string_view id, std::string_view signature, std::string_view model = {}) {
  auto const whose = model.empty() ? std::string() : fmt::format(R"(,"recloser":{{"model":"{}"}})", model);
  return fmt::format(
      R"({{"id":"{}","type":"function","function":{{"name":"f","arguments":"{{}}"}},"extra_content":{{"google":{{"thought_signature":"{}"}}{}}}}})",
      id, signature, whose);
}

constexpr std::string_view placeholder = "skip_thought_signature_validator";

struct loop_case {
  char const* what;
  std::string_view model;
  std::string calls;
  std::string sent;
  names lost;
};

// §7 rows 5 and 6
TEST(gemini_signatures, go_back_with_their_call) {
  std::vector<loop_case> const cases = {
      {"its own", pro_3, signed_call("x", "S=", "gemini-3-pro-preview"), sent_call("x", "S="), {}},
      {"its own, with a version",
       pro_3,
       signed_call("x", "S=", "gemini-3-pro-preview-11-2025"),
       sent_call("x", "S="),
       {}},
      {"Google's own form", pro_3, signed_call("x", "S="), sent_call("x", "S="), {}},
      {"another model's",
       pro_3,
       signed_call("x", "S=", "gemini-2.5-flash"),
       sent_call("x", placeholder),
       {"thought_signature"}},
      {"another vendor's",
       pro_3,
       signed_call("x", "S=", "claude-opus-4-6"),
       sent_call("x", placeholder),
       {"thought_signature"}},
      {"none", pro_3, call("x"), sent_call("x", placeholder), {}},
      {"parallel: only the first is signed",
       pro_3,
       signed_call("x", "S=") + "," + call("y"),
       sent_call("x", "S=") + "," + sent_call("y"),
       {}},
      {"parallel: only the first has a placeholder",
       pro_3,
       call("x") + "," + call("y"),
       sent_call("x", placeholder) + "," + sent_call("y"),
       {}},
      {"older models demand none", flash_2_5, call("x"), sent_call("x"), {}},
      {"older models keep theirs", flash_2_5, signed_call("x", "S=", "gemini-2.5-flash"), sent_call("x", "S="), {}},
      {"older models take no others'", flash_2_5, signed_call("x", "S=", pro_3), sent_call("x"), {"thought_signature"}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    auto const out = sent(saying(user + "," + calls(each.calls) + "," + result("x", "r")), each.model);
    EXPECT_NE(out.upstream.find(of("model", each.sent)), std::string::npos) << out.upstream;
    EXPECT_EQ(out.dropped, each.lost);
  }
}

TEST(gemini_signatures, placeholders_stand_in_the_current_turn_only) {
  auto const step = [](std::string_view id) { return calls(call(id)) + "," + result(id, "r"); };
  auto const out =
      contents(user + "," + step("old") + "," + said("user", "b") + "," + step("x") + "," + step("y"), pro_3);
  EXPECT_EQ(out, list({of("user", text("a")), of("model", sent_call("old")), of("user", answer("old", "r")),
                       of("user", text("b")), of("model", sent_call("x", placeholder)), of("user", answer("x", "r")),
                       of("model", sent_call("y", placeholder)), of("user", answer("y", "r"))}));
}

TEST(gemini_signatures, of_vertex_are_read_too) {
  auto const out = contents(
      user + "," +
          calls(
              R"({"id":"x","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"vertex":{"thought_signature":"V"}}})"),
      pro_3);
  EXPECT_NE(out.find(sent_call("x", "V")), std::string::npos) << out;
}

TEST(gemini_signatures, of_a_text_come_behind_it) {
  auto const thinking = [](std::string_view model, std::string_view more = "") {
    return user +
           fmt::format(
               R"(,{{"role":"assistant","content":"b","thinking_blocks":[{{"type":"thinking","thinking":"t","signature":"S="{}}}]{}}})",
               model.empty() ? std::string() : fmt::format(R"(,"model":"{}")", model), more);
  };
  auto const seal = std::string(R"({"text":"","thoughtSignature":"S="})");
  EXPECT_EQ(contents(thinking(pro_3), pro_3), list({of("user", text("a")), of("model", text("b") + "," + seal)}));
  auto const plain = list({of("user", text("a")), of("model", text("b"))});
  for (auto const model : {"claude-sonnet-4-5", ""}) {
    EXPECT_EQ(contents(thinking(model), pro_3), plain);
    EXPECT_EQ(lost(saying(thinking(model)), pro_3), names{"thinking_blocks"});
  }
  // The seal of an answer with calls is on the call.
  auto const more = R"(,"tool_calls":[)" + signed_call("x", "C=", pro_3) + "]";
  EXPECT_EQ(
      contents(thinking(pro_3, more), pro_3),
      list({of("user", text("a")), of("model", text("b") + "," + sent_call("x", "C=")), of("user", no_answer("x"))}));
}

TEST(gemini_signatures, names_of_one_model) {
  struct {
    char const* asked;
    char const* producer;
    bool same;
  } const cases[] = {
      {"gemini-2.5-flash", "gemini-2.5-flash", true},
      {"gemini-2.5-flash", "models/gemini-2.5-flash-preview-05-20", true},
      {"models/gemini-2.0-flash", "gemini-2.0-flash-001", true},
      {"gemini-2.0-flash-001", "gemini-2.0-flash", true},
      {"gemini-2.5-flash", "gemini-2.5-flash-lite", false},
      {"gemini-2.5-flash", "gemini-2.5-pro", false},
      {"gemini-2.5", "gemini-2.55", false},
      {"gemini-flash-latest", "gemini-3.8-flash", true},
      {"gemini-flash-latest", "gemini-3.8-flash-preview", true},
      {"gemini-flash-latest", "gemini-3.8-flash-lite", false},
      {"gemini-flash-lite-latest", "gemini-3-flash-lite", true},
      {"gemini-flash-latest", "claude-flash", false},
      {"gemini-flash-latest", "gemini-", false},
      {"", "gemini-3", false},
  };
  for (auto const& each : cases) EXPECT_EQ(is_same_model(each.asked, each.producer), each.same) << each.producer;
}

// ---- bounds ----------------------------------------------------------------------------------------------------

TEST(gemini_turns, hostile_loops_cost_no_more_than_their_size) {
  std::string many;
  std::string answers;
  for (int i = 0; i < 20'000; ++i) {
    many += (i ? "," : "") + call("x");
    answers += "," + result(i % 2 ? "x" : "y", "r");
  }
  auto const out = sent(saying(user + "," + calls(many) + answers), pro_3);
  EXPECT_EQ(out.fault, "");
  EXPECT_NE(out.upstream.find("(no result)"), std::string::npos);
}

}  // namespace
}  // namespace recloser::dialects::gemini
