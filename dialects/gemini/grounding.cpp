#include "dialects/gemini/grounding.hpp"

#include <algorithm>

#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

using chat::raw_json;
using chat::raw_text;

// ---- places ----------------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t most_long = 1u << 18;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

/// Of the text after `\u`.
int code_unit(raw_text digits) {
  int unit = 0;
  for (char const c : digits.substr(0, 4)) unit = unit * 16 + hex(c);
  return unit;
}

std::int64_t bytes_of_unit(int unit) {
  if (unit < 0x80) return 1;
  return unit < 0x800 ? 2 : 3;
}

bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit < 0xDC00; }

std::int64_t bytes_of_lead(char c) {
  auto const lead = static_cast<unsigned char>(c);
  if (lead < 0xC0) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

}  // namespace

void text_positions::add_character(std::int64_t bytes) {
  bytes_ += bytes;
  ++characters_;
  if (bytes > 1 && long_.size() < most_long) long_.push_back({bytes_, bytes_ - characters_});
}

void text_positions::add(raw_text text) {
  while (!text.empty()) {
    std::int64_t bytes = 1;
    std::size_t length = 1;
    if (text.front() != '\\') {
      bytes = bytes_of_lead(text.front());
      length = static_cast<std::size_t>(bytes);
    } else if (text.size() >= 6 && text[1] == 'u') {
      auto const unit = code_unit(text.substr(2));
      bool const pair = is_high_surrogate(unit) && text.substr(6, 2) == "\\u";
      bytes = pair ? 4 : bytes_of_unit(unit);
      length = pair ? 12 : 6;
    } else {
      length = 2;
    }
    add_character(bytes);
    text.remove_prefix(std::min(length, text.size()));
  }
}

std::int64_t text_positions::character_at(std::int64_t byte) const {
  auto const after = std::ranges::upper_bound(long_, byte, {}, &long_character::end);
  auto const surplus = after == long_.begin() ? 0 : (after - 1)->surplus;
  return std::clamp<std::int64_t>(byte - surplus, 0, characters_);
}

// ---- sources ---------------------------------------------------------------------------------------------------

namespace {

constexpr int most_annotations = 256;

class annotation_list {
 public:
  annotation_list(raw_json chunks, text_positions const& places, bool numbered)
      : out_(text_), places_(places), numbered_(numbered) {
    json::elements_of(chunks, chunks_);
    out_.open('[');
  }

  void cite_all() {
    for (auto const chunk : chunks_) cite(chunk, 0, places_.characters());
  }

  /// `{"segment":{"startIndex":0,"endIndex":9},"groundingChunkIndices":[0,1]}`; zeros are left out.
  void cite(raw_json support) {
    auto const segment = json::find(support, "segment");
    auto const begin = json::integer_of(json::find(segment, "startIndex")).value_or(0);
    auto const end = json::integer_of(json::find(segment, "endIndex")).value_or(0);
    json::trusted_scanner(json::find(support, "groundingChunkIndices")).array([&](raw_json number) {
      auto const index = json::integer_of(number).value_or(-1);
      bool const known = index >= 0 && index < static_cast<std::int64_t>(chunks_.size());
      if (known) {
        cite(chunks_[static_cast<std::size_t>(index)], places_.character_at(begin), places_.character_at(end));
      }
      return count_ < most_annotations;
    });
  }

  std::string take() {
    out_.close(']');
    return count_ > 0 ? std::move(text_) : std::string();
  }

 private:
  void cite(raw_json chunk, std::int64_t begin, std::int64_t end) {
    auto source = json::find(chunk, "web");
    if (source.empty()) source = json::find(chunk, "retrievedContext");
    auto const uri = json::text_of(json::find(source, "uri"));
    if (uri.empty() || count_ == most_annotations) return;
    out_.open('{');
    if (numbered_) out_.key("index").number(count_);
    out_.key("type").text("url_citation").key("url_citation").open('{');
    out_.key("start_index").number(begin).key("end_index").number(end);
    out_.key("url").text(uri).key("title").text(json::text_of(json::find(source, "title"))).close('}').close('}');
    ++count_;
  }

  std::string text_;
  json::writer out_;
  text_positions const& places_;
  bool numbered_;
  std::vector<raw_json> chunks_;
  int count_ = 0;
};

}  // namespace

std::string annotations_of(raw_json grounding, text_positions const& places, bool numbered) {
  annotation_list list(json::find(grounding, "groundingChunks"), places, numbered);
  auto const supports = json::find(grounding, "groundingSupports");
  if (json::kind_of(supports) != json::kind::array || supports == "[]") {
    list.cite_all();
  } else {
    json::trusted_scanner(supports).array([&](raw_json each) {
      list.cite(each);
      return true;
    });
  }
  return list.take();
}

}  // namespace recloser::dialects::gemini
