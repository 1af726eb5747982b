#pragma once
// The tool calls that a server has brought in their own field, so that the same call, left in the text as well, is not
// made twice.

#include <string>
#include <string_view>
#include <vector>

#include "chat/text.hpp"

namespace recloser::dialects::model_text {

class known_calls {
 public:
  void begin(int index, chat::raw_text name);
  void add_arguments(int index, chat::raw_text piece);  ///< a piece of their JSON, escaped

  /// Whether a call of this plain name with these arguments (JSON) was brought. Each one answers once.
  bool take(std::string_view name, std::string_view arguments);

 private:
  struct call {
    int index = 0;
    std::string name;
    std::string arguments;
    bool taken = false;
  };
  std::vector<call> calls_;
};

}  // namespace recloser::dialects::model_text
