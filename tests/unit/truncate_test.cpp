// A conversation that loses its oldest turns to fit a provider's limit.

#include "providers/truncate.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "dialects/json.hpp"
#include "providers/prepare.hpp"

namespace recloser::providers {
namespace {

/// A conversation written in short: `s`, `d`, `u`, `a`, `t` for the speakers, each message of 20 bytes of text.
std::string conversation(std::string_view speakers) {
  std::string out = R"({"model":"m","messages":[)";
  char number = '0';
  for (char who : speakers) {
    std::string_view const role = who == 's'   ? "system"
                                  : who == 'd' ? "developer"
                                  : who == 'u' ? "user"
                                  : who == 'a' ? "assistant"
                                               : "tool";
    if (out.back() == '}') out += " , ";
    out.append(R"({"role":")").append(role).append(R"(","content":")").append(19, 'x').append(1, number++).append("\"}");
  }
  return out + R"(],"seed":1})";
}

/// What is left, by the numbers that the messages end with.
std::string left_of(std::string_view body) {
  std::string out;
  std::vector<chat::raw_json> messages;
  EXPECT_TRUE(json::scan_object(body)) << body;
  json::elements_of(json::find(body, "messages"), messages);
  for (auto message : messages) out += json::text_of(json::find(message, "content")).back();
  return out;
}

TEST(truncate, leaves_out_as_few_whole_turns_as_it_takes) {
  constexpr std::size_t one = 56;  // more than one message of a user, less than two
  struct {
    std::string_view talk;
    std::size_t less;  ///< bytes that must go
    std::string_view left;
  } const cases[] = {
      {"uauau", 0, "01234"},
      {"uauau", 1, "234"},
      {"uauau", one, "234"},
      {"uauau", 2 * one + 20, "4"},
      {"suau", 1, "03"},
      {"sduau", 1, "014"},
      {"uasuau", 2 * one + 20, "25"},        // words of the system in between stay
      {"uattauau", 1, "567"},                // a call goes with its results
      {"uattauau", 4 * one, "567"},
      {"aauau", 1, "234"},                   // what came before the first user is a turn of its own
      {"uuau", 1, "123"},
      {"uauatta", 1, "23456"},               // the last turn stays whole
  };
  for (auto const& each : cases) {
    auto const talk = conversation(each.talk);
    auto const fitting = leave_out_oldest_turns(talk, talk.size() - each.less);
    ASSERT_TRUE(fitting) << each.talk << ' ' << each.less;
    EXPECT_LE(fitting->body.size(), talk.size() - each.less);
    EXPECT_EQ(left_of(fitting->body), each.left) << each.talk << ' ' << each.less;
    EXPECT_EQ(fitting->left_out, each.talk.size() - each.left.size());
    EXPECT_TRUE(fitting->body.ends_with(R"(],"seed":1})"));
  }
}

TEST(truncate, gives_up_when_the_last_turn_alone_is_too_large) {
  for (std::string_view body : {"u", "su", "uatt", "s", "aa", "uau"}) {
    EXPECT_FALSE(leave_out_oldest_turns(conversation(body), 60)) << body;
  }
  for (std::string_view body : {R"({"model":"m"})", R"({"messages":null})", R"({"messages":[1,"x"]})", "{}"}) {
    EXPECT_FALSE(leave_out_oldest_turns(body, 1)) << body;
  }
}

// ---- as a part of the preparation ------------------------------------------------------------------------------

chat::result<prepared> prepare_for_groq(std::string const& body, std::vector<json::member>& members, bool truncate) {
  EXPECT_TRUE(json::scan_object(body, members));
  client_request const request{.body = body, .members = &members};
  preparation const target{.provider = find_row("groq"), .model = "m", .truncate = truncate};
  return prepare(request, target);
}

std::string large(std::size_t old, std::size_t newest) {
  return R"({"model":"x","messages":[{"role":"user","content":")" + std::string(old, 'o') +
         R"("},{"role":"assistant","content":"a"},{"role":"user","content":")" + std::string(newest, 'n') + R"("}]})";
}

TEST(truncate, is_what_the_operator_chose) {
  std::vector<json::member> members;
  std::string const body = large(5u << 20, 10);
  auto const refused = prepare_for_groq(body, members, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, chat::fault_class::client_fault);
  EXPECT_EQ(chat::client_status(refused.error()), 413);
  EXPECT_EQ(refused.error().code, "request_too_large");
  for (std::string_view told : {"4194304", "on_oversize", "52430"}) {
    EXPECT_NE(refused.error().message.find(told), std::string::npos) << refused.error().message;
  }

  auto const cut = prepare_for_groq(body, members, true);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->dropped, std::vector<std::string>{"messages (oldest 2 left out)"});
  ASSERT_EQ(cut->body.size(), 1u);
  EXPECT_EQ(cut->body.front(), R"({"model":"m","messages":[{"role":"user","content":"nnnnnnnnnn"}]})");

  std::string const hopeless = large(10, 5u << 20);
  auto const too_much = prepare_for_groq(hopeless, members, true);
  ASSERT_FALSE(too_much);
  EXPECT_EQ(chat::client_status(too_much.error()), 413);

  std::string const small = large(10, 10);
  EXPECT_TRUE(prepare_for_groq(small, members, false)->dropped.empty());
}

}  // namespace
}  // namespace recloser::providers
