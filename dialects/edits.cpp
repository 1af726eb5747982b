#include "dialects/edits.hpp"

#include <iterator>
#include <utility>

namespace recloser::json {

namespace {

char const* begin_of(member const& each) { return each.key.data() - 1; }
char const* end_of(std::string_view text) { return text.data() + text.size(); }

}  // namespace

/// Keeps the edits in the order of their places: they mostly come that way. What is inserted at a place comes before what
/// is replaced there, and first what was inserted first.
void edit_list::replace(std::string_view part, std::string_view with) {
  auto const rank = [](std::string_view place) { return std::pair(place.data(), !place.empty()); };
  if (edits_.empty()) edits_.reserve(8);
  auto at = edits_.end();
  while (at != edits_.begin() && rank(part) < rank(std::prev(at)->part)) --at;
  edits_.insert(at, {part, with});
}

void edit_list::reset(std::string_view text) {
  text_ = text;
  edits_.clear();
}

template <class Emit>
void edit_list::apply(Emit emit) const {
  char const* at = text_.data();
  for (auto const& each : edits_) {
    emit({at, static_cast<std::size_t>(each.part.data() - at)});
    emit(each.with);
    at = end_of(each.part);
  }
  emit({at, static_cast<std::size_t>(end_of(text_) - at)});
}

void edit_list::pieces(std::vector<std::string_view>& out) const {
  out.reserve(out.size() + 2 * edits_.size() + 1);
  apply([&](std::string_view piece) {
    if (!piece.empty()) out.push_back(piece);
  });
}

void edit_list::append_to(std::string& out) const {
  apply([&](std::string_view piece) { out.append(piece); });
}

std::size_t edit_list::new_place(char const* place) const {
  auto offset = static_cast<std::size_t>(place - text_.data());
  for (auto const& each : edits_) {
    if (each.part.data() > place) break;
    offset += each.with.size() - each.part.size();
  }
  return offset;
}

void object_edits::drop(std::size_t index) {
  dropped_.resize(members_.size());
  dropped_[index] = true;
}

void object_edits::add(std::string_view key, chat::raw_json value) {
  if (!added_.empty()) added_ += ',';
  added_.append("\"").append(key).append("\":").append(value);
}

/// A run takes the comma after it along; the last run of an object takes the one before it.
void object_edits::erase_run(std::size_t first, std::size_t last) {
  if (last + 1 < members_.size()) {
    edits_.erase(begin_of(members_[first]), begin_of(members_[last + 1]));
  } else if (first > 0) {
    edits_.erase(end_of(members_[first - 1].value), end_of(members_[last].value));
  } else {
    edits_.erase(begin_of(members_[first]), end_of(members_[last].value));
  }
}

void object_edits::finish() {
  std::size_t kept = members_.size();
  for (std::size_t i = 0; i < dropped_.size(); ++i) {
    if (!dropped_[i]) continue;
    auto const first = i;
    while (i + 1 < dropped_.size() && dropped_[i + 1]) ++i;
    erase_run(first, i);
    kept -= i - first + 1;
  }
  if (added_.empty()) return;
  if (kept > 0) added_.insert(0, 1, ',');
  char const* const place = members_.empty() ? object_.data() + object_.find('{') + 1 : end_of(members_.back().value);
  edits_.insert(place, edits_.kept().keep(std::move(added_)));
}

}  // namespace recloser::json
