#include "server/session.hpp"

#include <algorithm>
#include <array>

namespace recloser::server {

namespace {

constexpr std::size_t max_length = 128;
constexpr std::array<std::string_view, 4> header_names = {"x-session-id", "x-session-affinity", "session_id", "session-id"};
constexpr std::array<std::string_view, 2> member_names = {"prompt_cache_key", "user"};

bool is_usable(std::string_view id) {
  return !id.empty() && id.size() <= max_length &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string find_session(net::fields const& headers, std::vector<json::member> const& body) {
  for (std::string_view const name : header_names) {
    if (auto const id = headers.find(name); id && is_usable(*id)) return std::string(*id);
  }
  for (std::string_view const name : member_names) {
    for (json::member const& m : body) {
      if (m.key != name || !m.value.starts_with('"')) continue;
      std::string id = json::decode(json::text_of(m.value));
      if (is_usable(id)) return id;
    }
  }
  return {};
}

}  // namespace recloser::server
