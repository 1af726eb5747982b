#pragma once
// Bytes received and not yet done with. Grows without zeroing, always keeps `padding` readable bytes behind its end so
// that simdjson may read in place, and can give its memory back while its owner waits.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace recloser::net {

class buffer {
 public:
  static constexpr std::size_t padding = 64;

  char* data() { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::size_t room() const { return capacity_ - size_; }
  char* end() { return bytes_.get() + size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }

  void reserve(std::size_t wanted) {
    if (wanted <= capacity_) return;
    std::size_t const capacity = std::max(wanted, std::min<std::size_t>(capacity_ * 2, capacity_ + (1u << 20)));
    auto grown = std::make_unique_for_overwrite<char[]>(capacity + padding);
    if (size_) std::memcpy(grown.get(), bytes_.get(), size_);
    std::memset(grown.get() + capacity, 0, padding);
    bytes_ = std::move(grown);
    capacity_ = capacity;
  }
  void append(char const* from, std::size_t count) {
    if (count == 0) return;  // memcpy takes no null pointer, not even for nothing
    reserve(size_ + count);
    std::memcpy(end(), from, count);
    size_ += count;
  }
  /// `count` bytes were written at end().
  void grown(std::size_t count) { size_ += count; }
  void truncate(std::size_t size) { size_ = size; }
  void consume(std::size_t count) {
    size_ -= count;
    if (size_) std::memmove(bytes_.get(), bytes_.get() + count, size_);
  }
  /// Gives memory back when more than `keep` bytes are held and nothing is in them.
  void shrink(std::size_t keep) {
    if (size_ != 0 || capacity_ <= keep) return;
    bytes_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace recloser::net
