// Server-sent events, cut at every place.

#include "net/framing/sse.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::net {
namespace {

using events = std::vector<std::pair<std::string, std::string>>;  // name, data

void drain(sse_reader& reader, events& out) {
  sse_reader::event event;
  while (reader.next(event)) {
    out.emplace_back(event.name, event.data);
  }
}

events read_pieces(std::vector<std::string_view> const& pieces) {
  sse_reader reader;
  events out;
  for (auto piece : pieces) {
    std::string const copy(piece);  // dies right after feed: the reader may not point into it
    reader.feed(copy);
    drain(reader, out);
  }
  return out;
}

struct sample {
  char const* what;
  std::string bytes;
  events expected;
};

std::vector<sample> const& corpus() {
  static std::vector<sample> const all = {
      {"one event", "data: {\"a\":1}\n\n", {{"", "{\"a\":1}"}}},
      {"no space after the colon", "data:x\n\n", {{"", "x"}}},
      {"only one space is taken", "data:  x \n\n", {{"", " x "}}},
      {"two events", "data: one\n\ndata: two\n\n", {{"", "one"}, {"", "two"}}},
      {"CRLF", "data: one\r\n\r\ndata: two\r\n\r\n", {{"", "one"}, {"", "two"}}},
      {"CR", "data: one\r\rdata: two\r\r", {{"", "one"}, {"", "two"}}},
      {"mixed ends", "data: one\r\n\ndata: two\n\r\n\rdata: three\r\r\n", {{"", "one"}, {"", "two"}, {"", "three"}}},
      {"several data lines", "data: a\ndata:\ndata: b\n\n", {{"", "a\n\nb"}}},
      {"several data lines with CRLF", "data: a\r\ndata: b\r\n\r\n", {{"", "a\nb"}}},
      {"several data lines, then one", "data: a\ndata: b\n\ndata: c\n\n", {{"", "a\nb"}, {"", "c"}}},
      {"empty first data line", "data\ndata: b\n\n", {{"", "\nb"}}},
      {"empty data", "data:\n\n", {{"", ""}}},
      {"names",
       "event: message_start\ndata: {}\n\nevent: ping\ndata: 1\n\ndata: 2\n\n",
       {{"message_start", "{}"}, {"ping", "1"}, {"", "2"}}},
      {"name after data", "data: 1\nevent: late\n\n", {{"late", "1"}}},
      {"name without data is nothing", "event: lonely\n\ndata: 1\n\n", {{"", "1"}}},
      {"the last name counts", "event: a\nevent: b\ndata: 1\n\n", {{"b", "1"}}},
      {"comments", ": OPENROUTER PROCESSING\n\n:\n: x\ndata: 1\n: between\ndata: 2\n\n:end\n\n", {{"", "1\n2"}}},
      {"id and retry", "id: 7\nretry: 10\ndata: 1\nid: 8\n\n", {{"", "1"}}},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "data: 1\n\n",
       {{"", "1"}}},
      {"byte order mark only at the start",
       "data: 1\n\n\xEF\xBB\xBF"
       "data: 2\n\n",
       {{"", "1"}}},
      {"multibyte",
       "data: {\"t\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}\n\n",
       {{"", "{\"t\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}"}}},
      {"longer than one vector",
       "data: " + std::string(100, 'x') + "\n\ndata: " + std::string(31, 'y') + "\r\n\r\n",
       {{"", std::string(100, 'x')}, {"", std::string(31, 'y')}}},
      {"blank lines in front", "\n\r\n\ndata: 1\n\n\n\n", {{"", "1"}}},
      {"an unfinished event is not one", "data: 1\n\ndata: 2\n", {{"", "1"}}},
      {"colon in data", "data: a: b\n\n", {{"", "a: b"}}},
      {"unknown fields", "foo: 1\nfoo\ndata: 1\ndatax: 2\n\n", {{"", "1"}}},
  };
  return all;
}

TEST(sse_reader, reads_whole_streams) {
  for (auto const& each : corpus()) EXPECT_EQ(read_pieces({each.bytes}), each.expected) << each.what;
}

TEST(sse_reader, reads_streams_cut_at_every_two_points) {
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

TEST(sse_reader, reads_streams_byte_by_byte) {
  for (auto const& each : corpus()) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < each.bytes.size(); ++i) pieces.push_back(std::string_view(each.bytes).substr(i, 1));
    EXPECT_EQ(read_pieces(pieces), each.expected) << each.what;
  }
}

TEST(sse_reader, a_carriage_return_ends_an_event_at_once) {
  sse_reader reader;
  events out;
  reader.feed("data: 1\r\r");
  drain(reader, out);
  EXPECT_EQ(out, (events{{"", "1"}}));
}

TEST(sse_reader, knows_when_it_is_inside_an_event) {
  auto const inside = [](std::string_view bytes) {
    sse_reader reader;
    events out;
    reader.feed(bytes);
    drain(reader, out);
    return reader.in_event();
  };
  EXPECT_FALSE(inside(""));
  EXPECT_FALSE(inside("data: 1\n\n"));
  EXPECT_FALSE(inside("data: 1\r\n\r\n"));
  EXPECT_FALSE(inside("data: 1\n\n: comment that is cu"));
  EXPECT_TRUE(inside("data: 1\n\ndata: {\"a"));
  EXPECT_TRUE(inside("data: 1\n"));
  EXPECT_TRUE(inside("event: x\n"));
}

TEST(sse_reader, stops_at_an_event_that_never_ends) {
  sse_reader reader;
  events out;
  std::string const piece(1u << 20, 'x');
  reader.feed("data: ");
  for (int i = 0; i < 9; ++i) {
    reader.feed(piece);
    drain(reader, out);
  }
  EXPECT_TRUE(reader.overflowed());
  reader.feed("\n\ndata: 1\n\n");
  drain(reader, out);
  EXPECT_TRUE(out.empty());
}

TEST(sse_reader, endless_comments_do_not_pile_up) {
  sse_reader reader;
  events out;
  std::string const comment = ":" + std::string(1u << 20, 'x') + "\n";
  for (int i = 0; i < 20; ++i) {
    reader.feed(comment);
    drain(reader, out);
  }
  EXPECT_FALSE(reader.overflowed());
}

TEST(sse_reader, stops_at_endless_data_lines) {
  sse_reader reader;
  events out;
  std::string const line = "data: " + std::string(1u << 20, 'x') + "\n";
  for (int i = 0; i < 9; ++i) {
    reader.feed(line);
    drain(reader, out);
  }
  EXPECT_TRUE(reader.overflowed());
}

}  // namespace
}  // namespace recloser::net
