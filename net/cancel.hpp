#pragma once
// Ending what a request is waiting for. A `cancel_scope` lives as long as the request; whatever the request waits on
// (a connect, an upstream socket, a pause) attaches itself while it waits.

namespace recloser::net {

class cancellable {
 public:
  virtual void cancel() = 0;

 protected:
  ~cancellable() = default;
};

class cancel_scope final : public cancellable {
 public:
  void cancel() override {
    cancelled_ = true;
    if (waiting_on_) waiting_on_->cancel();
  }
  bool cancelled() const { return cancelled_; }

  /// While it lives, a cancelled scope cancels `what`. Guards of one scope nest: a scope belongs to one coroutine.
  class guard {
   public:
    guard(cancel_scope& scope, cancellable& what) : scope_(scope), outer_(scope.waiting_on_) {
      scope_.waiting_on_ = &what;
      if (scope_.cancelled_) what.cancel();
    }
    ~guard() { scope_.waiting_on_ = outer_; }
    guard(guard const&) = delete;
    guard& operator=(guard const&) = delete;

   private:
    cancel_scope& scope_;
    cancellable* outer_;
  };

 private:
  bool cancelled_ = false;
  cancellable* waiting_on_ = nullptr;
};

}  // namespace recloser::net
