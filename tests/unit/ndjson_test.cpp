// Newline-delimited JSON, cut at every place.

#include "net/framing/ndjson.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::net {
namespace {

using lines = std::vector<std::string>;

void drain(ndjson_reader& reader, lines& out) {
  std::string_view line;
  while (reader.next(line)) out.emplace_back(line);
}

lines read_pieces(std::vector<std::string_view> const& pieces) {
  ndjson_reader reader;
  lines out;
  for (auto piece : pieces) {
    std::string const copy(piece);  // dies right after feed: the reader may not point into it
    reader.feed(copy);
    drain(reader, out);
  }
  reader.finish();
  drain(reader, out);
  return out;
}

struct sample {
  char const* what;
  std::string bytes;
  lines expected;
};

std::vector<sample> const& corpus() {
  static std::vector<sample> const all = {
      {"one line", "{\"a\":1}\n", {"{\"a\":1}"}},
      {"two lines", "{}\n[]\n", {"{}", "[]"}},
      {"CRLF", "{}\r\n[]\r\n", {"{}", "[]"}},
      {"mixed ends", "{}\r\n[]\n1\r\n", {"{}", "[]", "1"}},
      {"blank lines", "\n\r\n  \n{}\n\n\t\r\n[]\n\n", {"{}", "[]"}},
      {"the last line without its end", "{}\n[1]", {"{}", "[1]"}},
      {"the last line with half of its end", "{}\n[1]\r", {"{}", "[1]"}},
      {"blank at the end", "{}\n  ", {"{}"}},
      {"one line without its end", "{}", {"{}"}},
      {"nothing", "", {}},
      {"only line ends", "\n\n\r\n", {}},
      {"white space around", " \t{ } \t\r\n", {"{ }"}},
      {"a CR inside is left", "a\rb\n", {"a\rb"}},
      {"multibyte", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"\n1\n", {"\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"", "1"}},
      {"zero bytes", std::string("a\0b\n\0\n", 6), {std::string("a\0b", 3), std::string("\0", 1)}},
      {"an escaped newline is no end",
       R"({"t":"a\nb"})"
       "\n",
       {R"({"t":"a\nb"})"}},
  };
  return all;
}

TEST(ndjson_reader, reads_whole_bodies) {
  for (auto const& each : corpus()) EXPECT_EQ(read_pieces({each.bytes}), each.expected) << each.what;
}

TEST(ndjson_reader, reads_bodies_cut_at_every_two_points) {
  for (auto const& each : corpus()) {
    std::string_view const all = each.bytes;
    for (std::size_t i = 0; i <= all.size(); ++i) {
      for (std::size_t j = i; j <= all.size(); ++j) {
        ASSERT_EQ(read_pieces({all.substr(0, i), all.substr(i, j - i), all.substr(j)}), each.expected)
            << each.what << " cut at " << i << " and " << j;
      }
    }
  }
}

TEST(ndjson_reader, reads_bodies_byte_by_byte) {
  for (auto const& each : corpus()) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < each.bytes.size(); ++i) pieces.push_back(std::string_view(each.bytes).substr(i, 1));
    EXPECT_EQ(read_pieces(pieces), each.expected) << each.what;
  }
}

TEST(ndjson_reader, gives_a_line_as_soon_as_it_ends) {
  ndjson_reader reader;
  lines out;
  reader.feed("{}\n[");
  drain(reader, out);
  EXPECT_EQ(out, (lines{"{}"}));
  EXPECT_TRUE(reader.in_line());
  reader.feed("]\n");
  drain(reader, out);
  EXPECT_EQ(out, (lines{"{}", "[]"}));
  EXPECT_FALSE(reader.in_line());
}

TEST(ndjson_reader, lines_that_wait_survive_a_feed) {
  ndjson_reader reader;
  std::string_view line;
  reader.feed("1\n2\n3");
  ASSERT_TRUE(reader.next(line));
  reader.feed("4\n");
  lines out;
  drain(reader, out);
  EXPECT_EQ(out, (lines{"2", "34"}));
}

TEST(ndjson_reader, reads_nothing_after_the_end) {
  ndjson_reader reader;
  lines out;
  reader.feed("1");
  reader.finish();
  reader.feed("2\n");
  drain(reader, out);
  EXPECT_EQ(out, (lines{"1"}));
  EXPECT_FALSE(reader.in_line());
}

TEST(ndjson_reader, takes_the_longest_line_and_no_longer_one) {
  for (std::size_t surplus : {0u, 1u}) {
    for (char const* end : {"\n", ""}) {
      ndjson_reader reader;
      reader.feed("1\n" + std::string(ndjson_reader::max_line + surplus, 'x') + end);
      reader.finish();
      lines out;
      drain(reader, out);
      EXPECT_EQ(out.size(), surplus ? 1u : 2u);
      EXPECT_EQ(reader.overflowed(), surplus == 1);
    }
  }
}

TEST(ndjson_reader, stops_at_a_line_that_never_ends) {
  ndjson_reader reader;
  lines out;
  std::string const piece(1u << 20, 'x');
  for (int i = 0; i < 9; ++i) {
    reader.feed(piece);
    drain(reader, out);
  }
  EXPECT_TRUE(reader.overflowed());
  EXPECT_TRUE(reader.in_line());
  reader.feed("\n1\n");
  drain(reader, out);
  EXPECT_TRUE(out.empty());
}

TEST(ndjson_reader, endless_blank_lines_do_not_pile_up) {
  ndjson_reader reader;
  lines out;
  std::string const blank(1u << 20, '\n');
  for (int i = 0; i < 20; ++i) {
    reader.feed(blank);
    drain(reader, out);
  }
  EXPECT_FALSE(reader.overflowed());
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace recloser::net
