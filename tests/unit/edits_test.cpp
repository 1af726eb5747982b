// Edits on JSON texts.

#include "dialects/edits.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::json {
namespace {

std::string applied(edit_list& edits) {
  std::string whole;
  edits.append_to(whole);
  std::vector<std::string_view> pieces;
  edits.pieces(pieces);
  std::string joined;
  for (auto piece : pieces) joined += piece;
  EXPECT_EQ(joined, whole);
  return whole;
}

TEST(edit_list, applies_edits_in_any_order) {
  std::string_view const text = "0123456789";
  chat::store kept;
  edit_list edits(text, kept);
  EXPECT_TRUE(edits.empty());
  EXPECT_EQ(applied(edits), text);
  edits.replace(text.substr(7, 2), "H");
  edits.replace(text.substr(2, 1), "TWO");
  edits.insert(text.data() + 2, "a");
  edits.insert(text.data() + 2, "b");
  edits.insert(text.data() + 10, "end");
  edits.insert(text.data(), "begin");
  edits.erase(text.data() + 4, text.data() + 6);
  EXPECT_EQ(applied(edits), "begin01abTWO36H9end");
  EXPECT_EQ(edits.new_place(text.data() + 3), std::string("begin01abTWO").size());
  EXPECT_EQ(edits.new_place(text.data() + 9), std::string("begin01abTWO36H").size());
  EXPECT_EQ(edits.new_place(text.data() + 1), std::string("begin0").size());
}

TEST(object_edits, drop_and_add_leave_a_good_object) {
  for (std::string_view text :
       {"{ \"a\" : 1 ,\n\"b\":[2] , \"c\":\"3\",\"d\":{} }", "{\"a\":1,\"b\":[2],\"c\":\"3\",\"d\":{}}"}) {
    std::vector<member> members;
    ASSERT_TRUE(scan_object(text, members));
    for (unsigned dropped = 0; dropped < 16; ++dropped) {
      for (int added = 0; added < 3; ++added) {
        chat::store kept;
        edit_list edits(text, kept);
        object_edits edit(edits, text, members);
        std::vector<std::string> expected;
        for (unsigned i = 0; i < 4; ++i) {
          if (dropped & (1u << i)) {
            edit.drop(members[i]);
          } else {
            expected.push_back(std::string(members[i].key) + "=" + std::string(members[i].value));
          }
        }
        for (int i = 0; i < added; ++i) {
          edit.add(i == 0 ? "x" : "y", "null");
          expected.push_back(i == 0 ? "x=null" : "y=null");
        }
        edit.finish();
        std::string const result = applied(edits);
        auto const scanned = scan_object(result);
        ASSERT_TRUE(scanned) << result;
        std::vector<std::string> found;
        for (auto const& each : *scanned) found.push_back(std::string(each.key) + "=" + std::string(each.value));
        EXPECT_EQ(found, expected) << result;
      }
    }
  }
}

TEST(object_edits, adds_to_an_empty_object) {
  std::string_view const text = " { } ";
  chat::store kept;
  edit_list edits(text, kept);
  std::vector<member> const none;
  object_edits edit(edits, text, none);
  edit.add("a", "1");
  edit.add("b", "2");
  edit.finish();
  EXPECT_EQ(applied(edits), " {\"a\":1,\"b\":2 } ");
}

TEST(object_edits, edits_inside_values_meet_those_outside) {
  std::string_view const text = R"({"drop":1,"in":{"x":1,"y":2},"last":3})";
  std::vector<member> members, inside;
  ASSERT_TRUE(scan_object(text, members));
  ASSERT_TRUE(members_of(members[1].value, inside));
  chat::store kept;
  edit_list edits(text, kept);
  object_edits outer(edits, text, members);
  outer.drop(members[2]);
  outer.drop(members[0]);
  outer.rename(members[1], "renamed");
  object_edits inner(edits, members[1].value, inside);
  inner.replace(inside[1], "[]");
  inner.drop(inside[0]);
  inner.add("z", "0");
  inner.finish();
  outer.add("new", "true");
  outer.finish();
  EXPECT_EQ(applied(edits), R"({"renamed":{"y":[],"z":0},"new":true})");
}

}  // namespace
}  // namespace recloser::json
