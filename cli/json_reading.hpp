#pragma once
// Reading what the daemon answers.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"

namespace recloser::cli {

/// A checked copy of a JSON object. Its values are views into it.
class json_object {
 public:
  explicit json_object(std::string_view text) {
    bytes_.reserve(text.size() + json::padding);
    bytes_ = text;
    good_ = json::scan_object(bytes_, members_).has_value();
  }
  json_object(json_object const&) = delete;
  json_object& operator=(json_object const&) = delete;

  explicit operator bool() const { return good_; }
  chat::raw_json get(std::string_view key) const {
    for (json::member const& m : members_) {
      if (m.key == key) return m.value;
    }
    return {};
  }

 private:
  std::string bytes_;
  std::vector<json::member> members_;
  bool good_ = false;
};

/// The characters of a string value; empty for anything else.
inline std::string string_of(chat::raw_json value) { return json::decode(json::text_of(value)); }

inline std::int64_t count_of(chat::raw_json value) { return json::integer_of(value).value_or(0); }

inline std::vector<chat::raw_json> elements_of(chat::raw_json array) {
  std::vector<chat::raw_json> result;
  if (!json::elements_of(array, result)) result.clear();
  return result;
}

}  // namespace recloser::cli
