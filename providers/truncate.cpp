#include "providers/truncate.hpp"

#include <vector>

#include "dialects/edits.hpp"
#include "dialects/json_scan.hpp"

namespace recloser::providers {

namespace {

enum class speaker { system, user, other };

struct message {
  chat::raw_json text;
  speaker who;
};

speaker speaker_of(chat::raw_json text) {
  auto const role = json::find(text, "role");
  if (json::is_string(role, "system") || json::is_string(role, "developer")) return speaker::system;
  return json::is_string(role, "user") ? speaker::user : speaker::other;
}

std::vector<message> messages_of(std::string_view body) {
  std::vector<message> out;
  json::trusted_scanner scan(json::find(body, "messages"));
  scan.array([&](chat::raw_json text) {
    out.push_back({text, speaker_of(text)});
    return true;
  });
  return out;
}

/// Where the last turn begins; 0: nothing is older.
std::size_t begin_of_last_turn(std::vector<message> const& all) {
  std::size_t at = all.size();
  while (at > 0 && all[at - 1].who != speaker::user) --at;
  return at > 0 ? at - 1 : 0;
}

/// What leaving out a message saves: its text up to the next one. One always follows.
std::string_view place_of(std::vector<message> const& all, std::size_t i) {
  char const* const begin = all[i].text.data();
  return {begin, static_cast<std::size_t>(all[i + 1].text.data() - begin)};
}

}  // namespace

std::optional<truncated> leave_out_oldest_turns(std::string_view body, std::size_t limit) {
  auto const all = messages_of(body);
  auto const last_turn = begin_of_last_turn(all);
  chat::store kept;
  json::edit_list edits(body, kept);
  truncated out;
  std::size_t size = body.size();
  for (std::size_t i = 0; i < last_turn; ++i) {
    if (all[i].who == speaker::system) continue;
    if (all[i].who == speaker::user && size <= limit) break;  // turns go as a whole
    auto const place = place_of(all, i);
    edits.replace(place, {});
    size -= place.size();
    ++out.left_out;
  }
  if (size > limit) return std::nullopt;
  out.body.reserve(size);
  edits.append_to(out.body);
  return out;
}

}  // namespace recloser::providers
