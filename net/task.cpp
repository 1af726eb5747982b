#include "net/task.hpp"

#include <array>
#include <new>

namespace recloser::net::detail {

namespace {

constexpr std::size_t step = 64;
constexpr std::size_t largest = 4096;
constexpr std::size_t kept_per_size = 128;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool recycle = false;
#else
constexpr bool recycle = true;
#endif
#elif defined(__SANITIZE_ADDRESS__)
constexpr bool recycle = false;
#else
constexpr bool recycle = true;
#endif

/// Free frames of one thread, linked through their first word.
struct free_lists {
  struct node {
    node* next;
  };
  std::array<node*, largest / step + 1> first{};
  std::array<std::size_t, largest / step + 1> count{};

  ~free_lists() {
    for (node* list : first) {
      while (list) ::operator delete(std::exchange(list, list->next));
    }
  }
};

free_lists& lists() {
  thread_local free_lists mine;
  return mine;
}

std::size_t class_of(std::size_t size) { return (size + step - 1) / step; }

}  // namespace

void* take_frame(std::size_t size) {
  if (!recycle || size > largest) return ::operator new(size);
  std::size_t const which = class_of(size);
  free_lists& mine = lists();
  if (free_lists::node* const found = mine.first[which]) {
    mine.first[which] = found->next;
    --mine.count[which];
    return found;
  }
  return ::operator new(which * step);
}

void give_frame(void* frame, std::size_t size) {
  std::size_t const which = class_of(size);
  if (!recycle || size > largest || lists().count[which] >= kept_per_size) {
    ::operator delete(frame);
    return;
  }
  free_lists& mine = lists();
  auto* const freed = static_cast<free_lists::node*>(frame);
  freed->next = mine.first[which];
  mine.first[which] = freed;
  ++mine.count[which];
}

}  // namespace recloser::net::detail
