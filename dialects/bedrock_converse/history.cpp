#include "dialects/bedrock_converse/history.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include <fmt/format.h>

#include "dialects/json.hpp"

namespace recloser::dialects::bedrock_converse {

// ---- media -----------------------------------------------------------------------------------------------------

namespace {

struct format_row {
  std::string_view media_type;
  std::string_view format;
};

constexpr format_row images[] = {
    {"image/png", "png"}, {"image/jpeg", "jpeg"}, {"image/jpg", "jpeg"}, {"image/gif", "gif"}, {"image/webp", "webp"},
};

constexpr format_row documents[] = {
    {"application/pdf", "pdf"},
    {"text/csv", "csv"},
    {"text/html", "html"},
    {"text/markdown", "md"},
    {"text/x-markdown", "md"},
    {"application/json", "txt"},
    {"application/msword", "doc"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.ms-excel", "xls"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
};

template <std::size_t Size>
std::string_view format_in(format_row const (&rows)[Size], chat::raw_text media_type) {
  auto const row = std::ranges::find(rows, media_type, &format_row::media_type);
  return row == std::end(rows) ? std::string_view() : row->format;
}

std::string media_problem(chat::part const& part) {
  if (!part.url.empty()) return "this provider fetches no URLs; send the content itself as a data: URL";
  if (!part.file_id.empty()) return "this provider keeps no files; send the file as 'file_data'";
  if (!image_format(part.media_type).empty()) return {};
  bool const document = part.kind == chat::part_kind::document && !document_format(part.media_type).empty();
  if (document) return {};
  return fmt::format("this provider takes no '{}'; send PNG, JPEG, GIF, WebP, PDF, text, Word or Excel",
                     part.media_type.substr(0, 64));
}

}  // namespace

std::string_view image_format(chat::raw_text media_type) { return format_in(images, media_type); }

std::string_view document_format(chat::raw_text media_type) {
  auto const format = format_in(documents, media_type);
  return format.empty() && media_type.starts_with("text/") ? "txt" : format;
}

chat::result<conversation> take_history(chat::request const& wanted, family const& model) {
  return take_turns(wanted, {.media_problem = media_problem, .ids = model.ids});
}

// ---- tools in words --------------------------------------------------------------------------------------------

namespace {

block text_block(chat::raw_text text, chat::raw_json cache_control = {}) {
  block out;
  out.text = text;
  out.cache_control = cache_control;
  return out;
}

class tool_teller {
 public:
  explicit tool_teller(chat::store& made) : made_(made) {}

  void tell(std::vector<block>& blocks) {
    std::vector<block> said;
    for (auto& each : blocks) {
      switch (each.kind) {
        case block_kind::tool_use: tell_call(each, said); break;
        case block_kind::tool_result: tell_result(each, said); break;
        case block_kind::missing_result: tell_missing(each, said); break;
        default: said.push_back(std::move(each));
      }
    }
    blocks = std::move(said);
  }

 private:
  void tell_call(block const& call, std::vector<block>& said) {
    names_[call.id] = call.part->name;
    auto const words = fmt::format("[Called the tool {} with {}]", call.part->name, json::escaped(call.part->input));
    said.push_back(text_block(made_.keep(words), call.cache_control));
  }

  void tell_result(block& result, std::vector<block>& said) {
    auto const words = fmt::format("[Result of the tool {}:]", names_[result.id]);
    said.push_back(text_block(made_.keep(words)));
    std::ranges::move(result.inner, std::back_inserter(said));
    said.back().cache_control = result.cache_control;
  }

  void tell_missing(block const& result, std::vector<block>& said) {
    said.push_back(text_block(made_.keep(fmt::format("[The tool {} gave no result]", names_[result.id]))));
  }

  chat::store& made_;
  std::unordered_map<chat::raw_text, chat::raw_text> names_;  // by the id of the call
};

}  // namespace

void tell_tools_in_words(conversation& talk, loss_report& lost) {
  lost.add("messages (tool calls as text)");
  tool_teller teller(talk.store);
  for (auto& turn : talk.turns) teller.tell(turn.blocks);
  talk.has_tools = false;
}

// ---- the rest --------------------------------------------------------------------------------------------------

void fold_system(conversation& talk, loss_report& lost) {
  if (talk.system.empty()) return;
  lost.add("messages (system as user)");
  auto& first = talk.turns.front().blocks;
  first.insert(first.begin(), talk.system.begin(), talk.system.end());
  talk.system.clear();
}

void put_words_beside_documents(conversation& talk) {
  auto const has = [](turn const& in, block_kind kind) {
    return std::ranges::find(in.blocks, kind, &block::kind) != in.blocks.end();
  };
  for (auto& turn : talk.turns) {
    bool const bare = has(turn, block_kind::document) && !has(turn, block_kind::text);
    if (bare) turn.blocks.push_back(text_block(filler));
  }
}

}  // namespace recloser::dialects::bedrock_converse
