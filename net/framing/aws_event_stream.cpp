#include "net/framing/aws_event_stream.hpp"

#include <algorithm>
#include <array>

namespace recloser::net {

namespace {

constexpr std::size_t prelude = 12;  // message length, header length, CRC
constexpr std::size_t crc_size = 4;
constexpr std::size_t overhead = prelude + crc_size;
constexpr std::size_t uuid_size = 16;

/// A buffer that grew beyond this is given back when it is empty: thousands of streams idle between two chunks.
constexpr std::size_t kept_capacity = 16u << 10;

std::uint32_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (char const c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

std::uint32_t uint32_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(big_endian(bytes.substr(at, 4)));
}

std::int64_t signed_integer(std::string_view bytes) {
  auto const unused = 64 - 8 * static_cast<int>(bytes.size());
  return static_cast<std::int64_t>(big_endian(bytes) << unused) >> unused;
}

// ---- CRC-32 ----------------------------------------------------------------------------------------------------

constexpr std::size_t lanes = 8;  // bytes per step

/// `tables[0]` is the usual table of one byte; `tables[n]` is what that byte does n bytes later ("slicing by 8").
constexpr auto tables = [] {
  std::array<std::array<std::uint32_t, 256>, lanes> out{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t sum = i;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xEDB88320u : 0u);
    out[0][i] = sum;
  }
  for (std::size_t lane = 1; lane < lanes; ++lane) {
    for (std::size_t i = 0; i < 256; ++i) {
      auto const before = out[lane - 1][i];
      out[lane][i] = (before >> 8) ^ out[0][before & 0xFF];
    }
  }
  return out;
}();

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t sum = 0xFFFFFFFFu;
  for (; bytes.size() >= lanes; bytes.remove_prefix(lanes)) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
      auto const mixed = i < 4 ? (sum >> (8 * i)) & 0xFF : 0u;
      next ^= tables[lanes - 1 - i][mixed ^ byte_at(bytes, i)];
    }
    sum = next;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) sum = (sum >> 8) ^ tables[0][(sum ^ byte_at(bytes, i)) & 0xFF];
  return ~sum;
}

// ---- headers ---------------------------------------------------------------------------------------------------

namespace {

using reader = aws_event_stream_reader;

constexpr int counted = -1;  // a length of two bytes stands before the value

/// Bytes of a value, by the type's number.
constexpr int sizes[] = {0, 0, 1, 2, 4, 8, counted, counted, 8, static_cast<int>(uuid_size)};

bool take(std::string_view& from, std::size_t size, std::string_view& out) {
  if (from.size() < size) return false;
  out = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

bool take_counted(std::string_view& from, std::size_t bytes_of_length, std::string_view& out) {
  std::string_view length;
  return take(from, bytes_of_length, length) && take(from, static_cast<std::size_t>(big_endian(length)), out);
}

bool is_integer(reader::header_type type) {
  return (type >= reader::header_type::int8 && type <= reader::header_type::int64) ||
         type == reader::header_type::timestamp;
}

/// Takes one header off the front.
bool take_header(std::string_view& block, reader::header& out) {
  std::string_view type;
  if (!take_counted(block, 1, out.name) || out.name.empty() || !take(block, 1, type)) return false;
  auto const number = byte_at(type, 0);
  if (number >= std::size(sizes)) return false;
  out.type = static_cast<reader::header_type>(number);
  auto const size = sizes[number];
  bool const whole =
      size == counted ? take_counted(block, 2, out.bytes) : take(block, static_cast<std::size_t>(size), out.bytes);
  if (!whole) return false;
  out.number = is_integer(out.type) ? signed_integer(out.bytes) : out.type == reader::header_type::yes ? 1 : 0;
  return true;
}

}  // namespace

std::string_view aws_event_stream_reader::message::text(std::string_view name) const {
  auto const found = std::ranges::find(headers, name, &header::name);
  return found == headers.end() || found->type != header_type::text ? std::string_view() : found->bytes;
}

bool aws_event_stream_reader::read_headers(std::string_view block, std::vector<header>& out) {
  out.clear();
  while (!block.empty()) {
    if (out.size() == max_headers) return fail(problem::too_many_headers);
    if (!take_header(block, out.emplace_back())) return fail(problem::bad_header);
  }
  return true;
}

// ---- messages --------------------------------------------------------------------------------------------------

void aws_event_stream_reader::feed(std::string_view bytes) {
  if (problem_ != problem::none) return;
  if (begin_ == buffer_.size()) {
    if (buffer_.capacity() > kept_capacity) buffer_ = std::string();
    buffer_.clear();
    begin_ = 0;
  } else if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

bool aws_event_stream_reader::fail(problem what) {
  problem_ = what;
  buffer_ = std::string();
  begin_ = 0;
  return false;
}

/// The CRC comes first: lengths that it does not vouch for mean nothing.
bool aws_event_stream_reader::read_prelude() {
  auto const bytes = std::string_view(buffer_).substr(begin_, prelude);
  if (crc32(bytes.substr(0, 8)) != uint32_at(bytes, 8)) return fail(problem::bad_prelude);
  length_ = uint32_at(bytes, 0);
  header_bytes_ = uint32_at(bytes, 4);
  if (length_ < overhead || length_ > max_message) return fail(problem::bad_length);
  if (header_bytes_ > length_ - overhead) return fail(problem::bad_length);
  return header_bytes_ <= max_header_bytes || fail(problem::too_many_headers);
}

bool aws_event_stream_reader::next(message& out) {
  if (problem_ != problem::none || buffer_.size() - begin_ < prelude) return false;
  if (length_ == 0 && !read_prelude()) return false;
  if (buffer_.size() - begin_ < length_) return false;
  auto const all = std::string_view(buffer_).substr(begin_, length_);
  auto const checked = all.substr(0, length_ - crc_size);
  if (crc32(checked) != uint32_at(all, checked.size())) return fail(problem::bad_message);
  if (!read_headers(checked.substr(prelude, header_bytes_), out.headers)) return false;
  out.payload = checked.substr(prelude + header_bytes_);
  begin_ += length_;
  length_ = 0;
  return true;
}

std::string_view to_string(aws_event_stream_reader::problem what) {
  using enum aws_event_stream_reader::problem;
  switch (what) {
    case none: return "";
    case bad_length: return "a message has an impossible length";
    case bad_prelude: return "the checksum of a prelude is wrong";
    case bad_message: return "the checksum of a message is wrong";
    case bad_header: return "a header cannot be read";
    case too_many_headers: return "a message has too many headers";
  }
  return "";
}

}  // namespace recloser::net
