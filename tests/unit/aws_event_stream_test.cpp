// Messages of `application/vnd.amazon.eventstream`: whole, cut at every place, and broken.

#include "net/framing/aws_event_stream.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aws_event_stream_fixture.hpp"

namespace recloser::net {
namespace {

using namespace event_stream;
using reader = aws_event_stream_reader;
using problem = reader::problem;

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// Made with the vendor's library (providers-native.md §8.2).
std::string const delta = from_hex(
    "0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d747970"
    "650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070005"
    "6576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a224869227d7d1f944657");
std::string const throttled = from_hex(
    "0000008800000061de0175f40f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6e0d3a636f6e7465"
    "6e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e"
    "7b226d657373616765223a22736c6f7720646f776e227d832ee072");
std::string const oops = from_hex(
    "0000005800000048154692c10d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f6465"
    "07000d496e7465726e616c4572726f720e3a6572726f722d6d6573736167650700046f6f707353235f76");
std::string const chunk = from_hex(
    "000000920000004b2fea33010b3a6576656e742d747970650700056368756e6b0d3a636f6e74656e742d747970650700106170706c69636174"
    "696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e74"
    "7b226279746573223a2265794a306558426c496a6f696257567a6332466e5a56397a64473977496e303d222c2270223a2261626364227d42b7"
    "2480");

/// Every header as `name=text` and the payload, one message a line.
std::string describe(reader::message const& from) {
  std::string out;
  for (auto const& each : from.headers) {
    bool const number = each.type != reader::header_type::text && each.type != reader::header_type::bytes &&
                        each.type != reader::header_type::uuid;
    out += std::string(each.name) + "=" + (number ? std::to_string(each.number) : std::string(each.bytes)) + " ";
  }
  return out + "| " + std::string(from.payload) + "\n";
}

struct reading {
  std::string messages;
  problem error = problem::none;
  bool cut = false;
};

reading read(std::vector<std::string_view> const& pieces) {
  reader from;
  reading out;
  reader::message message;
  for (auto const piece : pieces) {
    std::string const copy(piece);  // dies right after feed: the reader may not point into it
    from.feed(copy);
    while (from.next(message)) out.messages += describe(message);
  }
  out.error = from.error();
  out.cut = from.in_message();
  return out;
}

constexpr std::string_view delta_read =
    ":event-type=contentBlockDelta :content-type=application/json :message-type=event | "
    R"({"contentBlockIndex":0,"delta":{"text":"Hi"}})"
    "\n";
constexpr std::string_view throttled_read =
    ":exception-type=throttlingException :content-type=application/json :message-type=exception | "
    R"({"message":"slow down"})"
    "\n";
constexpr std::string_view oops_read = ":message-type=error :error-code=InternalError :error-message=oops | \n";
constexpr std::string_view chunk_read =
    ":event-type=chunk :content-type=application/json :message-type=event | "
    R"({"bytes":"eyJ0eXBlIjoibWVzc2FnZV9zdG9wIn0=","p":"abcd"})"
    "\n";

TEST(aws_event_stream, crc32_is_zlibs) {
  EXPECT_EQ(crc32(""), 0u);
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(crc32("a"), 0xE8B7BE43u);
  EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339u);
  EXPECT_EQ(crc32(std::string(32, '\0')), 0x190A55ADu);
}

TEST(aws_event_stream, reads_what_the_vendors_library_wrote) {
  EXPECT_EQ(delta.size(), 148u);
  EXPECT_EQ(read({delta}).messages, delta_read);
  EXPECT_EQ(throttled.size(), 136u);
  EXPECT_EQ(read({throttled}).messages, throttled_read);
  EXPECT_EQ(oops.size(), 88u);
  EXPECT_EQ(read({oops}).messages, oops_read);
  EXPECT_EQ(chunk.size(), 146u);
  EXPECT_EQ(read({chunk}).messages, chunk_read);
}

TEST(aws_event_stream, the_writer_of_the_tests_writes_the_same) {
  EXPECT_EQ(event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hi"}})"), delta);
  EXPECT_EQ(exception("throttlingException", R"({"message":"slow down"})"), throttled);
  EXPECT_EQ(error("InternalError", "oops"), oops);
}

TEST(aws_event_stream, reads_messages_cut_at_every_place) {
  auto const bytes = delta + oops + throttled;
  std::string_view const all = bytes;
  auto const expected = std::string(delta_read) + std::string(oops_read) + std::string(throttled_read);
  EXPECT_EQ(read({all}).messages, expected);
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < all.size(); ++i) single.push_back(all.substr(i, 1));
  EXPECT_EQ(read(single).messages, expected);
  for (std::size_t i = 0; i <= all.size(); ++i) {
    auto const two = read({all.substr(0, i), all.substr(i)});
    ASSERT_EQ(two.messages, expected) << "cut at " << i;
    ASSERT_FALSE(two.cut);
    ASSERT_EQ(read({all.substr(0, i), all.substr(i, 7), all.substr(std::min(i + 7, all.size()))}).messages, expected)
        << "cut at " << i << " and 7 later";
  }
}

TEST(aws_event_stream, knows_when_it_is_inside_a_message) {
  std::string_view const all = delta;
  EXPECT_FALSE(read({}).cut);
  EXPECT_FALSE(read({all}).cut);
  for (std::size_t i = 1; i < all.size(); ++i) {
    auto const part = read({all.substr(0, i)});
    EXPECT_TRUE(part.cut) << i;
    EXPECT_EQ(part.messages, "");
    EXPECT_EQ(part.error, problem::none);
  }
}

TEST(aws_event_stream, reads_headers_of_every_type) {
  auto const headers = raw_header("yes", 0, "") + raw_header("no", 1, "") + raw_header("byte", 2, "\xFE") +
                       raw_header("short", 3, std::string("\x80\x00", 2)) + raw_header("int", 4, "\xFF\xFF\xFF\x01") +
                       raw_header("long", 5, big_endian(1ull << 40, 8)) +
                       raw_header("bytes", 6, std::string("\0\2ab", 4)) + text_header("text", "h\xC3\xA9") +
                       raw_header("time", 8, big_endian(1795330800123ull, 8)) +
                       raw_header("uuid", 9, "0123456789abcdef") + text_header("empty", "");
  EXPECT_EQ(read({frame(headers, "p")}).messages,
            "yes=1 no=0 byte=-2 short=-32768 int=-255 long=1099511627776 bytes=ab text=h\xC3\xA9 time=1795330800123 "
            "uuid=0123456789abcdef empty= | p\n");
  reader from;
  reader::message message;
  from.feed(frame(headers, ""));
  ASSERT_TRUE(from.next(message));
  EXPECT_EQ(message.text("text"), "h\xC3\xA9");
  EXPECT_EQ(message.text("bytes"), "");  // of another type
  EXPECT_EQ(message.text("none"), "");
}

TEST(aws_event_stream, a_message_may_be_empty) {
  EXPECT_EQ(frame("", "").size(), 16u);
  EXPECT_EQ(read({frame("", "")}).messages, "| \n");
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

std::string with_lengths(std::uint32_t total, std::uint32_t headers) {
  auto out = big_endian(total, 4) + big_endian(headers, 4);
  return out + big_endian(crc32(out), 4) + std::string(64, 'x');
}

TEST(aws_event_stream, every_flipped_bit_is_found) {
  for (std::size_t i = 0; i < delta.size(); ++i) {
    auto const out = read({oops + flipped(delta, i) + oops});
    EXPECT_EQ(out.messages, oops_read) << i;  // what came before is good, nothing after is
    EXPECT_EQ(out.error, i < 12 ? problem::bad_prelude : problem::bad_message) << i;
  }
}

TEST(aws_event_stream, refuses_absurd_lengths) {
  struct {
    std::uint32_t total;
    std::uint32_t headers;
    problem error;
  } const cases[] = {
      {0, 0, problem::bad_length},
      {15, 0, problem::bad_length},
      {16, 1, problem::bad_length},
      {40, 25, problem::bad_length},
      {40, 0xFFFFFFFFu, problem::bad_length},
      {(16u << 20) + 1, 0, problem::bad_length},
      {0xFFFFFFFFu, 0, problem::bad_length},
      {1u << 20, (128u << 10) + 1, problem::too_many_headers},
      {16u << 20, 0, problem::none},  // waits for the rest
  };
  for (auto const& each : cases) {
    EXPECT_EQ(read({with_lengths(each.total, each.headers)}).error, each.error) << each.total << ' ' << each.headers;
  }
}

TEST(aws_event_stream, takes_the_largest_message) {
  std::string const payload((16u << 20) - 16, 'x');
  auto const bytes = frame("", payload);
  reader from;
  reader::message message;
  from.feed(bytes);
  ASSERT_TRUE(from.next(message));
  EXPECT_EQ(message.payload, payload);
}

TEST(aws_event_stream, refuses_broken_headers) {
  struct {
    char const* what;
    std::string headers;
  } const cases[] = {
      {"no name", raw_header("", 0, "")},
      {"unknown type", raw_header("a", 10, "")},
      {"type 255", raw_header("a", 255, "")},
      {"name beyond the block",
       "\x05"
       "ab"},
      {"no type",
       "\x02"
       "ab"},
      {"short integer", raw_header("a", 5, "1234567")},
      {"no length", raw_header("a", 7, "")},
      {"half a length", raw_header("a", 7, "\x01")},
      {"text beyond the block", raw_header("a", 7, std::string("\0\3ab", 4))},
      {"bytes beyond the block", raw_header("a", 6, "\xFF\xFF")},
      {"short uuid", raw_header("a", 9, "0123456789abcde")},
      {"a good one first", text_header("a", "b") + "\x01"},
  };
  for (auto const& each : cases) {
    auto const out = read({frame(each.headers, "payload")});
    EXPECT_EQ(out.error, problem::bad_header) << each.what;
    EXPECT_EQ(out.messages, "") << each.what;
  }
}

TEST(aws_event_stream, counts_headers) {
  std::string many;
  for (int i = 0; i < 64; ++i) many += raw_header("a", 0, "");
  EXPECT_EQ(read({frame(many, "")}).error, problem::none);
  EXPECT_EQ(read({frame(many + raw_header("a", 0, ""), "")}).error, problem::too_many_headers);
}

TEST(aws_event_stream, takes_nothing_after_an_error) {
  reader from;
  reader::message message;
  from.feed(flipped(delta, 0));
  EXPECT_FALSE(from.next(message));
  from.feed(delta);
  EXPECT_FALSE(from.next(message));
  EXPECT_EQ(from.error(), problem::bad_prelude);
  EXPECT_FALSE(from.in_message());
  EXPECT_NE(to_string(from.error()), "");
}

}  // namespace
}  // namespace recloser::net
