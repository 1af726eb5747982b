// Scanning, raw forms and writing of JSON.

#include "dialects/json.hpp"

#include <cctype>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::json {
namespace {

/// A body as the server holds it: exact size, so that the address sanitizer sees every read past `padding`.
class padded {
 public:
  explicit padded(std::string_view text) : bytes_(text.begin(), text.end()), size_(text.size()) {
    bytes_.insert(bytes_.end(), padding, '"');
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::vector<char> bytes_;
  std::size_t size_;
};

std::string problem(std::string_view text) {
  padded const body(text);
  auto const members = scan_object(body.view());
  return members ? "" : members.error().message;
}

std::string nested(int depth) {
  return "{\"a\":" + std::string(static_cast<std::size_t>(depth - 1), '[') +
         std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
}

// ---- scan_object -----------------------------------------------------------------------------------------------

TEST(scan_object, finds_members_as_they_stand) {
  padded const body(
      " \n{ \"model\" : \"gpt-4o\" ,\"n\":\t1e400,\"big\":123456789012345678901234567890, "
      "\"esc\":\"a\\\"\\u00e9\\/\\\\\",\r\n"
      "\"deep\" : { \"x\" : [ 1 , {\"y\":\"}]\"} ] } ,\"e\":{},\"l\":[],\"t\":true,\"f\":false,\"z\":null,\"\":-0.5E+3 "
      "} \n");
  std::vector<member> members;
  ASSERT_TRUE(scan_object(body.view(), members));
  std::vector<std::pair<std::string_view, std::string_view>> const expected = {
      {"model", "\"gpt-4o\""},
      {"n", "1e400"},
      {"big", "123456789012345678901234567890"},
      {"esc", "\"a\\\"\\u00e9\\/\\\\\""},
      {"deep", "{ \"x\" : [ 1 , {\"y\":\"}]\"} ] }"},
      {"e", "{}"},
      {"l", "[]"},
      {"t", "true"},
      {"f", "false"},
      {"z", "null"},
      {"", "-0.5E+3"},
  };
  ASSERT_EQ(members.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(members[i].key, expected[i].first);
    EXPECT_EQ(members[i].value, expected[i].second);
    EXPECT_GE(members[i].value.data(), body.view().data());  // views, not copies
  }
}

TEST(scan_object, takes_every_good_string_length) {
  for (std::size_t length = 0; length < 70; ++length) {
    for (std::string_view tail : {"", "\\n", "\\\"", "\xC3\xA9", "\\\\"}) {
      std::string const text = std::string(length, 'x') + std::string(tail);
      padded const body("{\"a\":\"" + text + "\",\"b\":1}");
      auto const members = scan_object(body.view());
      ASSERT_TRUE(members) << text;
      EXPECT_EQ(text_of((*members)[0].value), text);
      EXPECT_EQ((*members)[1].value, "1");
    }
  }
}

TEST(scan_object, refuses_what_json_refuses) {
  for (std::string_view text : {"{",
                                "}",
                                "{\"a\"",
                                "{\"a\":",
                                "{\"a\":1",
                                "{\"a\":1,",
                                "{\"a\":1,}",
                                "{,}",
                                "{\"a\" 1}",
                                "{\"a\":}",
                                "{a:1}",
                                "{'a':1}",
                                "{\"a\":1}}",
                                "{\"a\":1} x",
                                "{\"a\":1}{}",
                                "{\"a\":1} \"",
                                "{\"a\":[1,]}",
                                "{\"a\":[,]}",
                                "{\"a\":[1 2]}",
                                "{\"a\":[}",
                                "{\"a\":{]}",
                                "{\"a\":[1}",
                                "{\"a\":01}",
                                "{\"a\":-01}",
                                "{\"a\":-}",
                                "{\"a\":+1}",
                                "{\"a\":1.}",
                                "{\"a\":.5}",
                                "{\"a\":1e}",
                                "{\"a\":1e+}",
                                "{\"a\":0x1}",
                                "{\"a\":1a}",
                                "{\"a\":NaN}",
                                "{\"a\":Infinity}",
                                "{\"a\":tru}",
                                "{\"a\":truex}",
                                "{\"a\":True}",
                                "{\"a\":nul",
                                "{\"a\":\"}",
                                "{\"a\":\"\\x\"}",
                                "{\"a\":\"\\u12g4\"}",
                                "{\"a\":\"\\u12\"}",
                                "{\"a\":\"\\\"}",
                                "{\"a\":\"b\nc\"}",
                                "{\"a\":\"b\tc\"}",
                                "{\"a\nb\":1}",
                                "{\"a\":1 /* c */}",
                                "{\"a\":1,\"b\"}",
                                "{\"a\":1\v}",
                                "{\"a\":\"\x01\"}",
                                "{1:2}",
                                "{\"a\":{\"b\":1,}}",
                                "\xEF\xBB\xBF{}",
                                "{\"a\":\"\\"}) {
    EXPECT_NE(problem(text).find("not valid JSON"), std::string::npos) << text << " -> " << problem(text);
  }
  EXPECT_NE(problem(std::string_view("{\"a\":\"\0\"}", 9)), "");
  EXPECT_NE(problem(std::string_view("{\"a\":1}\0", 8)), "");
}

TEST(scan_object, refuses_every_cut_of_a_good_body) {
  std::string_view const whole = "{\"a\":[1.5e3,\"\\u00e9x\",{\"b\":true,\"c\":null}],\"d\":-2}";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(problem(whole.substr(0, size)), "") << whole.substr(0, size);
  EXPECT_EQ(problem(whole), "");
}

TEST(scan_object, refuses_bad_utf8_anywhere) {
  for (std::string_view bad : {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"}) {
    EXPECT_EQ(problem("{\"a\":\"" + std::string(bad) + "\"}"), "the body is not valid JSON: it is not UTF-8");
    EXPECT_NE(problem("{\"a\":{\"b\":[\"" + std::string(40, 'x') + std::string(bad) + "\"]}}"), "");
    EXPECT_NE(problem("{\"" + std::string(bad) + "\":1}"), "");
  }
}

TEST(scan_object, limits_nesting) {
  EXPECT_EQ(problem(nested(max_depth)), "");
  EXPECT_NE(problem(nested(max_depth + 1)).find("deeper than 128"), std::string::npos);
  EXPECT_NE(problem(nested(200'000)).find("deeper than 128"), std::string::npos);
  EXPECT_NE(problem(std::string(200'000, '[')), "");
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += "{\"a\":";
  EXPECT_NE(problem(objects).find("deeper than 128"), std::string::npos);
}

TEST(scan_object, refuses_the_same_member_twice) {
  padded const body("{\"model\":\"a\",\"messages\":[],\"model\":\"b\"}");
  auto const members = scan_object(body.view());
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error().message, "the member \"model\" is given twice");
  EXPECT_EQ(members.error().param, "model");
  EXPECT_EQ(members.error().what, chat::fault_class::client_fault);
  EXPECT_EQ(members.error().status, 400);
  EXPECT_EQ(problem("{\"a\":{\"b\":1,\"b\":2}}"), "") << "inside, it is the provider's business";
}

TEST(scan_object, finds_a_double_among_very_many_members_quickly) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"m" + std::to_string(i) + "\":1,";
  EXPECT_EQ(problem(text + "\"x\":1}"), "");
  EXPECT_EQ(problem(text + "\"m5\":1}"), "the member \"m5\" is given twice");
}

TEST(scan_object, refuses_a_member_name_that_hides_behind_escapes) {
  EXPECT_NE(problem("{\"model\":\"a\",\"mod\\u0065l\":\"b\"}").find("escapes"), std::string::npos);
}

TEST(scan_object, says_what_is_wrong) {
  EXPECT_EQ(problem(""), "the body is empty: a JSON object is expected");
  EXPECT_EQ(problem("  \n"), "the body is empty: a JSON object is expected");
  EXPECT_EQ(problem("[1]"), "the body must be a JSON object");
  EXPECT_EQ(problem("\"x\""), "the body must be a JSON object");
  EXPECT_EQ(problem("{\"a\":1"), "the body is not valid JSON: it ends too early");
  EXPECT_EQ(problem("{\"a\":1,}"), "the body is not valid JSON: a member name in quotes is missing at byte 7");
  EXPECT_EQ(problem("{\"a\":1} x"), "the body is not valid JSON: there is more after the object, at byte 8");
  EXPECT_EQ(problem("{\"a\":\"x\ny\"}"),
            "the body is not valid JSON: a control character stands unescaped in a string at byte 7");
}

/// Where the string that begins at `text[0] == '"'` ends, read the slow and plain way; 0 when it is wrong.
std::size_t plain_string_end(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if (c == '"') return i + 1;
    if (c < 0x20) return 0;
    if (c != '\\') continue;
    if (++i == text.size()) return 0;
    if (text[i] == 'u') {
      for (int k = 0; k < 4; ++k) {
        if (++i == text.size() || !std::isxdigit(static_cast<unsigned char>(text[i]))) return 0;
      }
    } else if (std::string_view("\"\\/bfnrt").find(text[i]) == std::string_view::npos) {
      return 0;
    }
  }
  return 0;
}

TEST(scan_object, agrees_with_a_plain_reader_on_strings_full_of_escapes) {
  std::mt19937 random(7);
  std::string_view const pieces[] = {"\\\\", "\\\"", "\\n",   "\\u00e9", "x",  "yyyyyyyy",
                                     "\"",   "\\",   "\\u12", "\\q",     "\n", "\xC3\xA9"};
  std::discrete_distribution<std::size_t> pick({40, 40, 40, 20, 40, 20, 1, 1, 1, 1, 1, 5});
  int good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "\"";
    for (int i = 0; i < 40; ++i) text += pieces[pick(random)];
    text += "\"";
    auto const end = plain_string_end(text);
    bool const expected = end == text.size();
    padded const body("{\"a\":" + text + "}");
    auto const members = scan_object(body.view());
    ASSERT_EQ(static_cast<bool>(members), expected) << text;
    if (!expected) continue;
    ++good;
    ASSERT_EQ((*members)[0].value, text);
    ASSERT_EQ(find(body.view(), "a"), text);
  }
  EXPECT_GT(good, 1'000);
}

TEST(scan_object, reuses_its_output) {
  std::vector<member> members;
  padded const first("{\"a\":1,\"b\":2}");
  padded const second("{\"c\":3}");
  ASSERT_TRUE(scan_object(first.view(), members));
  ASSERT_TRUE(scan_object(second.view(), members));
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0].key, "c");
}

// ---- checked texts ---------------------------------------------------------------------------------------------

TEST(members_of, finds_members_of_a_checked_object) {
  std::vector<member> members;
  ASSERT_TRUE(
      members_of("{ \"a\" : {\"x\":\"\\\"}\"} , \"b\":[1,{\"c\":\"]\"}],\"d\":\"e,\\\\\" ,\"f\": 1.5 }", members));
  ASSERT_EQ(members.size(), 4u);
  EXPECT_EQ(members[0].key, "a");
  EXPECT_EQ(members[0].value, "{\"x\":\"\\\"}\"}");
  EXPECT_EQ(members[1].value, "[1,{\"c\":\"]\"}]");
  EXPECT_EQ(members[2].value, "\"e,\\\\\"");
  EXPECT_EQ(members[3].value, "1.5");
  EXPECT_TRUE(members_of("{}", members));
  EXPECT_TRUE(members.empty());
  for (std::string_view other : {"[]", "1", "null", "\"{}\"", ""}) EXPECT_FALSE(members_of(other, members)) << other;
}

TEST(elements_of, finds_elements_of_a_checked_array) {
  std::vector<chat::raw_json> elements;
  ASSERT_TRUE(elements_of("[ 1 ,\"a,\\\"]\", [2,[3]],{\"b\":\"[\"} , null ]", elements));
  ASSERT_EQ(elements, (std::vector<chat::raw_json>{"1", "\"a,\\\"]\"", "[2,[3]]", "{\"b\":\"[\"}", "null"}));
  EXPECT_TRUE(elements_of("[ ]", elements));
  EXPECT_TRUE(elements.empty());
  EXPECT_FALSE(elements_of("{}", elements));
}

TEST(find, gives_the_value_or_nothing) {
  EXPECT_EQ(find("{\"a\":1,\"b\":{\"a\":2}}", "b"), "{\"a\":2}");
  EXPECT_EQ(find("{\"b\":{\"a\":2}}", "a"), "");
  EXPECT_EQ(find("[1]", "a"), "");
  EXPECT_EQ(find("", "a"), "");
}

TEST(trusted_scans, stay_inside_texts_that_are_no_json) {
  std::string_view const whole = "{\"a\":[1,{\"b\":\"c\\\"\"}],\"d\":\"e\"}";
  std::vector<member> members;
  std::vector<chat::raw_json> elements;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<char> const exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    std::string_view const cut(exact.data(), exact.size());
    EXPECT_FALSE(members_of(cut, members)) << cut;
    elements_of(cut.substr(std::min<std::size_t>(size, 5)), elements);
    EXPECT_EQ(find(cut, "zz"), "");
  }
}

// ---- raw forms -------------------------------------------------------------------------------------------------

TEST(text_of, strips_the_quotes_of_strings_only) {
  EXPECT_EQ(text_of("\"a\\n\""), "a\\n");
  EXPECT_EQ(text_of("\"\""), "");
  for (std::string_view other : {"", "\"", "1", "null", "[\"a\"]"}) EXPECT_EQ(text_of(other), "") << other;
}

TEST(decode, gives_the_characters) {
  EXPECT_EQ(decode("plain"), "plain");
  EXPECT_EQ(decode("\\\"\\\\\\/\\b\\f\\n\\r\\t"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(decode("\\u0041\\u00e9\\u20AC"), "A\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(decode("\\ud83d\\ude00!"), "\xF0\x9F\x98\x80!");
  EXPECT_EQ(decode("\\ud83d"), "\xEF\xBF\xBD");
  EXPECT_EQ(decode("\\ude00x"), "\xEF\xBF\xBDx");
  EXPECT_EQ(decode("\\ud83d\\u0041"),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(decode("\\ud83d\\n"), "\xEF\xBF\xBD\n");
  EXPECT_EQ(decode("cut\\"), "cut");
  EXPECT_EQ(decode("cut\\u12"),
            "cut\xEF\xBF\xBD"
            "12");
  EXPECT_EQ(decode(std::string("\\u0000")), std::string(1, '\0'));
}

TEST(escape, undoes_decode_at_every_offset) {
  std::string specials;
  for (int c = 1; c < 0x20; ++c) specials += static_cast<char>(c);
  specials += "\"\\/\x7F\xC3\xA9\xF0\x9F\x98\x80";
  specials += '\0';
  for (std::size_t before = 0; before < 40; ++before) {
    std::string const plain = std::string(before, 'a') + specials + std::string(before % 17, 'b');
    std::string const text = escaped(plain);
    EXPECT_EQ(decode(text), plain);
    EXPECT_EQ(problem("{\"a\":\"" + text + "\"}"), "");
  }
}

TEST(escape, writes_the_short_forms) {
  EXPECT_EQ(escaped("a\"b\\c\nd\re\tf\bg\fh/\x7F\x01\x1F"), "a\\\"b\\\\c\\nd\\re\\tf\\bg\\fh/\x7F\\u0001\\u001f");
  std::string out = "before ";
  escape("é", out);
  EXPECT_EQ(out, "before é");
  EXPECT_EQ(escaped(""), "");
}

TEST(is_blank, looks_through_escapes) {
  for (std::string_view blank : {"", " ", "\\n", " \\t\\r\\n "}) EXPECT_TRUE(is_blank(blank)) << blank;
  for (std::string_view text : {"a", " a", "\\\\", "\\u0041", "n", "\\"}) EXPECT_FALSE(is_blank(text)) << text;
}

TEST(is_string, compares_without_unescaping) {
  EXPECT_TRUE(is_string("\"stop\"", "stop"));
  EXPECT_FALSE(is_string("\"stopped\"", "stop"));
  EXPECT_FALSE(is_string("stop", "stop"));
  EXPECT_FALSE(is_string("", ""));
}

// ---- writer ----------------------------------------------------------------------------------------------------

TEST(writer, puts_commas_where_they_belong) {
  std::string out;
  writer w(out);
  w.open('{')
      .key("a")
      .number(-9223372036854775807LL - 1)
      .key("b")
      .open('[')
      .string("x\"y")
      .text("\\u00e9")
      .null()
      .close(']');
  w.key("c").open('{').close('}').key("d").boolean(true).key("e").boolean(false).key("f").raw("1.50").key("g").open(
      '[');
  w.open('[').close(']').open('{').key("h").number(0).close('}').close(']').close('}');
  EXPECT_EQ(
      out,
      "{\"a\":-9223372036854775808,\"b\":[\"x\\\"y\",\"\\u00e9\",null],\"c\":{},\"d\":true,\"e\":false,\"f\":1.50,"
      "\"g\":[[],{\"h\":0}]}");
  EXPECT_EQ(problem(out), "");
}

}  // namespace
}  // namespace recloser::json
