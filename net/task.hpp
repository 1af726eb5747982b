#pragma once
// `task<T>`: a coroutine that runs when it is awaited and hands its result to the one that awaits it. Awaiting a task
// that never has to wait costs no trip through the event loop.
//
// Rules: a task is awaited exactly once, at once, by the function that made it; parameters are passed by value or
// clearly outlive the call. No task is ever destroyed while it is suspended (every wait can be cancelled instead).

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

/// On a coroutine whose frame must not become part of its caller's (clang merges them when it can): a caller that waits
/// for hours should not hold the frames of everything it might have called.
#define RECLOSER_OWN_FRAME __attribute__((noinline))

namespace recloser::net {

template <class T>
class task;

namespace detail {

/// Memory for coroutine frames, kept per thread and size: a request makes some twenty frames, several of them larger
/// than what malloc keeps at hand. Off under AddressSanitizer, which must see every frame come and go.
void* take_frame(std::size_t size);
void give_frame(void* frame, std::size_t size);

struct promise_base {
  static void* operator new(std::size_t size) { return take_frame(size); }
  static void operator delete(void* frame, std::size_t size) { give_frame(frame, size); }

  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception;

  struct final_awaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      return finished.promise().continuation;
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  final_awaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct promise : promise_base {
  std::optional<T> value;
  task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct promise<void> : promise_base {
  task<void> get_return_object();
  void return_void() noexcept {}
  void take() {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] task {
 public:
  using promise_type = detail::promise<T>;

  explicit task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  task& operator=(task&&) = delete;
  ~task() {
    if (frame_) frame_.destroy();
  }

  struct awaiter {
    std::coroutine_handle<promise_type> frame;
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
      frame.promise().continuation = caller;
      return frame;
    }
    T await_resume() { return frame.promise().take(); }
  };
  awaiter operator co_await() && noexcept { return awaiter{frame_}; }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
task<T> promise<T>::get_return_object() {
  return task<T>(std::coroutine_handle<promise<T>>::from_promise(*this));
}
inline task<void> promise<void>::get_return_object() {
  return task<void>(std::coroutine_handle<promise<void>>::from_promise(*this));
}

/// Runs on its own; its frame frees itself at the end.
struct detached {
  struct promise_type {
    detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <class OnError>
detached run_detached(task<void> work, OnError on_error) {
  try {
    co_await std::move(work);
  } catch (...) {
    on_error(std::current_exception());
  }
}

}  // namespace detail

/// Starts `work` now and lets it run on its own. An exception that leaves it goes to `on_error`.
template <class OnError>
void spawn(task<void> work, OnError on_error) {
  detail::run_detached(std::move(work), std::move(on_error));
}

}  // namespace recloser::net
