#include "dialects/openai_chat/chunk_memo.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "dialects/json_scan.hpp"

namespace recloser::dialects::openai_chat {

void chunk_memo::learn(json::edit_list const& edits, std::string_view text, std::string_view padding) {
  std::string_view const data = edits.text();
  std::array<std::string_view, most_holes> holes = {text, padding};
  holes_ = padding.empty() ? 1 : 2;
  if (holes_ == 2 && padding.data() < text.data()) std::swap(holes[0], holes[1]);

  in_.text.assign(data);
  edited_ = !edits.empty();
  out_.text.clear();
  if (edited_) edits.append_to(out_.text);
  for (auto i = holes_; i-- > 0;) {  // from the back, so that the places in front stay right
    in_.holes[i] = static_cast<std::size_t>(holes[i].data() - data.data());
    in_.text.erase(in_.holes[i], holes[i].size());
    if (!edited_) continue;
    out_.holes[i] = edits.new_place(holes[i].data());
    out_.text.erase(out_.holes[i], holes[i].size());
  }
  for (std::size_t i = 1; i < holes_; ++i) {
    in_.holes[i] -= holes[i - 1].size();
    out_.holes[i] -= edited_ ? holes[i - 1].size() : 0;
  }
  known_ = true;
}

bool chunk_memo::match(std::string_view data, hole_texts& texts) const {
  std::size_t from = 0;  // in in_.text
  for (std::size_t i = 0; i < holes_; ++i) {
    auto const part = std::string_view(in_.text).substr(from, in_.holes[i] - from);
    if (!data.starts_with(part)) return false;
    data.remove_prefix(part.size());
    json::checked_scanner scan(data);
    if (!scan.rest_of_string()) return false;
    texts[i] = data.substr(0, static_cast<std::size_t>(scan.at - data.data()) - 1);
    // An empty text may be read otherwise (which of two reasoning fields counts?).
    if (texts[i].empty() || !json::is_utf8(texts[i])) return false;
    data.remove_prefix(texts[i].size());
    from = in_.holes[i];
  }
  return data == std::string_view(in_.text).substr(from);
}

bool chunk_memo::write_event(std::string_view data, std::string& out) const {
  hole_texts texts;
  if (!known_ || !match(data, texts)) return false;
  out.append("data: ");
  if (edited_) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < holes_; ++i) {
      out.append(out_.text, from, out_.holes[i] - from).append(texts[i]);
      from = out_.holes[i];
    }
    out.append(out_.text, from);
  } else {
    out.append(data);
  }
  out.append("\n\n");
  return true;
}

}  // namespace recloser::dialects::openai_chat
