#include "dialects/openai_responses/output_items.hpp"

#include <algorithm>
#include <utility>

#include "dialects/json.hpp"
#include "dialects/openai_responses/seal.hpp"

namespace recloser::dialects::openai_responses {

namespace {

// Items come one after another; this bounds who does it otherwise.
constexpr std::size_t most_open = 64;
constexpr std::size_t most_waiting = 16;

struct type_row {
  std::string_view word;
  item_type type;
};

constexpr type_row types[] = {
    {"message", item_type::message},
    {"function_call", item_type::function_call},
    {"reasoning", item_type::reasoning},
};

}  // namespace

item_type type_of_item(chat::raw_json item) {
  auto const word = json::text_of(json::find(item, "type"));
  if (word.empty() && !json::find(item, "content").empty()) return item_type::message;
  auto const row = std::ranges::find(types, word, &type_row::word);
  return row == std::end(types) ? item_type::other : row->type;
}

output_item& output_items::open(item_place const& where, item_type type) {
  if (where.position || !where.id.empty()) close(where);
  if (items_.size() == most_open) items_.erase(items_.begin());
  auto& item = items_.emplace_back();
  item.type = type;
  item.position = where.position;
  item.id = where.id;
  return item;
}

output_item* output_items::find(item_place const& where) {
  if (items_.empty()) return nullptr;
  if (!where.position && where.id.empty()) return &items_.back();
  auto const fits = [&](output_item const& each) {
    return where.position && each.position ? each.position == where.position : each.id == where.id;
  };
  auto const found = std::ranges::find_if(items_, fits);
  return found == items_.end() ? nullptr : &*found;
}

void output_items::close(item_place const& where) {
  if (auto const* const item = find(where)) items_.erase(items_.begin() + (item - items_.data()));
}

void waiting_seals::add(chat::raw_text item_id, chat::raw_text encrypted) {
  if (encrypted.empty() || encrypted.size() > longest_kept) return;
  if (waiting_.size() == most_waiting) waiting_.erase(waiting_.begin());
  waiting_.push_back({std::string(item_id), std::string(encrypted)});
}

std::vector<std::string> waiting_seals::take(chat::raw_text call_id) {
  std::vector<std::string> out;
  for (auto const& each : std::exchange(waiting_, {}))
    out.push_back(write_seal({each.item_id, call_id, each.encrypted}));
  return out;
}

}  // namespace recloser::dialects::openai_responses
