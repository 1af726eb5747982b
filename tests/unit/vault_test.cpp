// What clients drop and providers want back.

#include "routing/vault.hpp"

#include <gtest/gtest.h>

namespace recloser::routing {
namespace {

using std::chrono::hours;

chat::turn_memory turn(std::string id, std::string text, std::string seal = {}) {
  chat::turn_memory out;
  out.model = "m";
  out.blocks.push_back({chat::part_kind::thinking, std::move(text), std::move(seal), {}});
  out.calls.emplace_back(std::move(id), "");
  return out;
}

TEST(vault, gives_a_turn_back_to_its_own_client_and_target_only) {
  vault kept;
  vault::clock::time_point const now{};
  kept.keep("alice\n", "deepseek/v4", turn("call_1", "hm"), now);
  ASSERT_TRUE(kept.find("alice\n", "deepseek/v4", "call_1", now));
  EXPECT_EQ(kept.find("alice\n", "deepseek/v4", "call_1", now)->reasoning(), "hm");
  EXPECT_FALSE(kept.find("bob\n", "deepseek/v4", "call_1", now));
  EXPECT_FALSE(kept.find("alice\nsession", "deepseek/v4", "call_1", now));
  EXPECT_FALSE(kept.find("alice\n", "gemini/v4", "call_1", now));
  EXPECT_FALSE(kept.find("alice\n", "deepseek/v4", "call_2", now));
}

TEST(vault, the_last_turn_of_an_id_counts) {
  vault kept;
  kept.keep("", "t", turn("functions.f:0", "old"), {});
  kept.keep("", "t", turn("functions.f:0", "new"), {});
  EXPECT_EQ(kept.find("", "t", "functions.f:0", {})->reasoning(), "new");
}

TEST(vault, is_bounded_in_age_and_bytes) {
  vault kept;
  vault::clock::time_point const start{};
  kept.keep("", "t", turn("old", "x"), start);
  EXPECT_FALSE(kept.find("", "t", "old", start + vault::max_age + hours(1)));
  kept.keep("", "t", turn("huge", std::string(vault::max_turn + 1, 'x')), start);
  EXPECT_FALSE(kept.find("", "t", "huge", start));
  for (int i = 0; i < 200; ++i) kept.keep("", "t", turn(std::to_string(i), std::string(vault::max_turn / 2, 'x')), start);
  EXPECT_LE(kept.bytes(), vault::max_bytes);
  EXPECT_TRUE(kept.find("", "t", "199", start));
  EXPECT_FALSE(kept.find("", "t", "0", start));
}

TEST(vault, a_turn_without_thinking_or_without_calls_is_not_kept) {
  vault kept;
  chat::turn_memory plain;
  plain.calls.emplace_back("call_1", "");
  kept.keep("", "t", plain, {});
  auto no_calls = turn("x", "hm");
  no_calls.calls.clear();
  kept.keep("", "t", no_calls, {});
  EXPECT_EQ(kept.bytes(), 0u);
}

/// Plays events from a list.
class played final : public dialects::event_source {
 public:
  explicit played(std::vector<chat::event> events) : events_(std::move(events)) {}
  void feed(std::string_view) override {}
  void finish() override {}
  step next(chat::event& out) override {
    if (at_ == events_.size()) return step::need_more;
    out = events_[at_++];
    return step::event;
  }
  chat::fault const& fault() const override { return fault_; }

 private:
  std::vector<chat::event> events_;
  std::size_t at_ = 0;
  chat::fault fault_;
};

chat::event event(chat::event_kind kind, chat::raw_text text = {}) {
  chat::event out;
  out.kind = kind;
  out.text = text;
  return out;
}

TEST(vault, remembers_a_stream_at_its_end) {
  using enum chat::event_kind;
  auto begin = event(start);
  begin.model = "claude-x";
  auto call = event(tool_start);
  call.id = "call_1";
  call.signature = "seal";
  auto const source = new played({begin, event(reasoning, "a"), event(reasoning, "b"), event(signature, "s"),
                                  event(redacted, "r"), call, event(finish), event(end)});
  chat::turn_memory got;
  auto const stream = remember(std::unique_ptr<dialects::event_source>(source), [&](chat::turn_memory t) { got = t; });
  chat::event out;
  while (stream->next(out) == dialects::event_source::step::event) {
  }
  EXPECT_EQ(got.model, "claude-x");
  ASSERT_EQ(got.blocks.size(), 2u);
  EXPECT_EQ(got.blocks[0].text, "ab");
  EXPECT_EQ(got.blocks[0].signature, "s");
  EXPECT_EQ(got.blocks[1].data, "r");
  ASSERT_EQ(got.calls.size(), 1u);
  EXPECT_EQ(got.calls[0], (std::pair<std::string, std::string>("call_1", "seal")));
}

TEST(vault, a_stream_that_breaks_leaves_nothing) {
  using enum chat::event_kind;
  auto call = event(tool_start);
  call.id = "call_1";
  bool kept = false;
  auto const stream = remember(std::make_unique<played>(std::vector{event(start), event(reasoning, "a"), call}),
                               [&](chat::turn_memory) { kept = true; });
  chat::event out;
  while (stream->next(out) == dialects::event_source::step::event) {
  }
  EXPECT_FALSE(kept);
}

}  // namespace
}  // namespace recloser::routing
