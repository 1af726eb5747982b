#pragma once
// The list of what a request loses on its way. It ends in a header, and some of its words are the client's own.

#include <string>
#include <string_view>
#include <vector>

namespace recloser::dialects {

class loss_report {
 public:
  explicit loss_report(std::vector<std::string>& names) : names_(names) {}

  /// `name` is a request member, with the manner in brackets when it was not simply left out: `temperature (clamped)`.
  void add(std::string_view name);

 private:
  std::vector<std::string>& names_;
};

}  // namespace recloser::dialects
