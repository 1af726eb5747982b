#include "net/exchange.hpp"

#include <algorithm>
#include <array>

namespace recloser::net {

namespace {
constexpr std::size_t scratch_size = 64 * 1024;
constexpr std::size_t scratch_padding = 64;
constexpr int max_interim = 16;  // 1xx answers before the real one
}  // namespace

std::span<char> scratch() {
  thread_local std::array<char, scratch_size + scratch_padding> buffer;
  return {buffer.data(), scratch_size};
}

time_point exchange::until(milliseconds limit, clock_name which) {
  time_point const due = io().owner().now() + limit;
  armed_ = due < limits_.deadline ? which : clock_name::total;
  return std::min(due, limits_.deadline);
}

io_error exchange::name_clock(io_error error) {
  if (error == io_error::expired) clock_ = armed_;
  return error;
}

task<io_error> exchange::send(std::span<std::string_view const> pieces) {
  state_ = exchange_state::sending;
  io().expires_at(until(limits_.send, clock_name::send));
  io_error const error = co_await connection_.stream->write_all(pieces, lifetime::stable);
  if (error == io_error::none) {
    state_ = exchange_state::sent;
    io().expires_at(until(limits_.first_byte, clock_name::first_byte));
  }
  co_return name_clock(error);
}

task<io_error> exchange::read_head(response_head& head) {
  std::span<char> const room = scratch();
  for (int interim = 0;;) {
    std::span<char> bytes;
    io_result const got = co_await connection_.stream->read_some(room.data(), room.size());
    if (got.error != io_error::none) co_return name_clock(got.error);
    state_ = exchange_state::head_read;
    bytes = room.first(got.size);
    if (!head_bytes_.empty()) {
      head_bytes_.append(bytes.data(), bytes.size());
      bytes = head_bytes_;
    }
    for (;;) {
      parsed const result = parse_response_head({bytes.data(), bytes.size()}, limits_.head, head);
      if (result.refusal.status) {
        problem_ = result.refusal.reason;
        co_return io_error::none;
      }
      if (result.size == 0) break;
      bytes = bytes.subspan(result.size);
      if (head.status >= 200) {
        keep_alive_ = head.keep_alive;
        decoder_ = body_decoder(head.framing);
        buffered_ = bytes;
        co_return io_error::none;
      }
      if (head.status == 101 || ++interim > max_interim) {
        problem_ = "the provider sends interim answers without end";
        co_return io_error::none;
      }
    }
    head_bytes_.assign(bytes.data(), bytes.size());
  }
}

std::string_view exchange::take_buffered() {
  std::span<char> const bytes = std::exchange(buffered_, {});
  if (bytes.empty()) return {};
  auto const step = decoder_.decode(bytes.data(), bytes.size());
  if (step.consumed < bytes.size()) keep_alive_ = false;  // more than the answer: the connection is out of step
  return {bytes.data(), step.produced};
}

task<exchange::piece> exchange::read_body(milliseconds patience) {
  if (std::string_view const first = take_buffered(); !first.empty()) co_return piece{io_error::none, first};
  std::span<char> const room = scratch();
  while (!complete()) {
    if (decoder_.failed()) {
      problem_ = "the body's chunks are malformed";
      co_return piece{io_error::none, {}};
    }
    io().expires_at(until(patience, clock_name::idle));
    io_result const got = co_await connection_.stream->read_some(room.data(), room.size());
    if (got.error == io_error::end && decoder_.may_end_here()) {
      ended_ = true;
      break;
    }
    if (got.error != io_error::none) co_return piece{name_clock(got.error), {}};
    state_ = exchange_state::body_read;
    auto const step = decoder_.decode(room.data(), got.size);
    if (step.consumed < got.size) keep_alive_ = false;
    if (step.produced) co_return piece{io_error::none, {room.data(), step.produced}};
  }
  co_return piece{};
}

std::unique_ptr<stream> exchange::take_reusable() {
  if (!keep_alive_ || !decoder_.done() || !buffered_.empty()) return nullptr;
  return std::move(connection_.stream);
}

}  // namespace recloser::net
