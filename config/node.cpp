#include "config/node.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "config/text.hpp"

namespace recloser::config {

namespace {

/// Far more than any real file needs; a chain of aliases passes it after a few lines.
constexpr std::size_t most_nodes = 50'000;

/// yaml-cpp's words, and what to tell the operator instead.
constexpr std::pair<std::string_view, std::string_view> better_words[] = {
    {"illegal map value", "unexpected `:`; check the indentation, and put values that hold `: ` in quotes"},
    {"illegal tab when looking for indentation", "a tab in the indentation; use spaces"},
    {"end of map flow not found", "a `{` is not closed, or a value inside it needs quotes (write \"${NAME}\")"},
    {"end of sequence flow not found", "a `[` is not closed, or a value inside it needs quotes (write \"${NAME}\")"},
    {"illegal flow end", "a `]` or `}` that was never opened"},
    {"illegal EOF in scalar", "a quote is never closed"},
    {"unknown token", "a value cannot begin with this character; put it in quotes"},
    {"the referenced anchor is not defined", "`*` names an anchor (`&name`) that was not defined above"},
    {"end of map not found", "this line does not fit the indentation of the lines above it"},
    {"end of sequence not found", "this line does not fit the indentation of the list above it"},
    {"bad file", "sections are nested too deeply"},
};

std::string_view improve(std::string const& words) {
  for (auto const& [theirs, ours] : better_words) {
    if (words == theirs) return ours;
  }
  return words;
}

int line_of(YAML::Mark const& mark) { return mark.is_null() ? 0 : mark.line + 1; }

std::size_t count(node const& what) {
  std::size_t total = 1;
  for (node const& item : what.items) total += count(item);
  for (member const& one : what.members) total += count(one.value);
  return total;
}

member* find(std::vector<member>& members, std::string_view name) {
  auto const found = std::ranges::find(members, name, &member::name);
  return found == members.end() ? nullptr : &*found;
}

class tree_builder : public YAML::EventHandler {
 public:
  explicit tree_builder(std::vector<problem>& problems) : problems_(problems) {}

  node take_root() { return std::move(root_); }
  std::size_t last_quote() const { return last_quote_; }
  int last_quote_line() const { return last_quote_line_; }

  void OnDocumentStart(YAML::Mark const& mark) override {
    if (++documents_ > 1) throw YAML::ParserException(mark, "a second document begins here; one file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    place({.kind = node_kind::null, .line = line_of(mark)}, anchor, mark);
  }

  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    auto const found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YAML::ParserException(mark, "an alias inside the value that it stands for");
    node copy = found->second;
    copy.line = line_of(mark);
    nodes_ += count(copy);
    place(std::move(copy), YAML::NullAnchor, mark);
  }

  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    bool const quoted = tag != "?" && !tag.empty();
    if (quoted) last_quote_ = static_cast<std::size_t>(mark.pos), last_quote_line_ = line_of(mark);
    place({.kind = node_kind::scalar, .line = line_of(mark), .quoted = quoted, .text = value, .written = value}, anchor,
          mark);
  }

  void OnSequenceStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back({.value = {.kind = node_kind::sequence, .line = line_of(mark)}, .anchor = anchor, .mark = mark});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back({.value = {.kind = node_kind::map, .line = line_of(mark)}, .anchor = anchor, .mark = mark});
  }
  void OnMapEnd() override {
    merge(open_.back().value);
    close();
  }

 private:
  struct unfinished {
    node value;
    YAML::anchor_t anchor = YAML::NullAnchor;
    YAML::Mark mark;
    std::optional<member> key = std::nullopt;  ///< of a map: the key whose value comes next
  };

  void close() {
    unfinished done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done.value), done.anchor, done.mark);
  }

  void place(node what, YAML::anchor_t anchor, YAML::Mark const& mark) {
    if (++nodes_ > most_nodes) throw YAML::ParserException(mark, "the file is too large, or its aliases make it so");
    if (anchor != YAML::NullAnchor) anchors_[anchor] = what;
    if (open_.empty()) {
      root_ = std::move(what);
    } else if (open_.back().value.kind == node_kind::sequence) {
      open_.back().value.items.push_back(std::move(what));
    } else if (!open_.back().key) {
      open_.back().key = key_from(what);
    } else {
      add_member(open_.back(), std::move(what));
    }
  }

  member key_from(node const& what) {
    if (what.kind == node_kind::scalar && !what.text.empty())
      return {.name = what.text, .line = what.line, .value = {}};
    problems_.push_back({what.line, "a key must be a word"});
    return {.name = {}, .line = what.line, .value = {}};
  }

  void add_member(unfinished& map, node value) {
    member one = std::move(*map.key);
    map.key.reset();
    if (one.name.empty()) return;
    // yaml-cpp gives an empty value the line of what follows it.
    if (value.kind == node_kind::null) value.line = one.line;
    one.value = std::move(value);
    if (member const* first = find(map.value.members, one.name)) {
      problems_.push_back(
          {one.line, "duplicate key " + quote(one.name) + " (first on line " + std::to_string(first->line) + ")"});
      return;
    }
    map.value.members.push_back(std::move(one));
  }

  /// `<<: *defaults` (or a list of them): adds the members that the map does not have.
  void merge(node& map) {
    member const* found = find(map.members, "<<");
    if (found == nullptr) return;
    node const source = found->value;
    std::erase_if(map.members, [](member const& one) { return one.name == "<<"; });
    if (source.kind == node_kind::sequence) {
      for (node const& item : source.items) add_missing(map, item);
    } else {
      add_missing(map, source);
    }
  }

  void add_missing(node& map, node const& source) {
    if (source.kind != node_kind::map) {
      problems_.push_back({source.line, "`<<` takes a section (`*name`) or a list of them"});
      return;
    }
    for (member const& one : source.members) {
      if (find(map.members, one.name) == nullptr) map.members.push_back(one);
    }
  }

  std::vector<problem>& problems_;
  std::vector<unfinished> open_;
  std::map<YAML::anchor_t, node> anchors_;
  node root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
  std::size_t last_quote_ = std::string::npos;
  int last_quote_line_ = 0;
};

/// yaml-cpp 0.7 takes the rest of the file when a quote is never closed and a line break ends the file. Such a scalar
/// is the last quoted one, so only that one is looked at.
bool never_closed(std::string_view text, std::size_t begin) {
  while (begin < text.size() && (text[begin] == '&' || text[begin] == '!')) {  // `&anchor "text"`
    begin = text.find_first_not_of(" \n", text.find_first_of(" \n", begin));
  }
  if (begin >= text.size()) return false;
  char const mark = text[begin];
  if (mark != '"' && mark != '\'') return false;
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (mark == '"' && text[i] == '\\') {
      ++i;
    } else if (mark == '\'' && text.substr(i, 2) == "''") {
      ++i;
    } else if (text[i] == mark) {
      return false;
    }
  }
  return true;
}

bool is_indented_with_tab(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  std::size_t const first = text.find_first_not_of(' ');
  return first != std::string_view::npos && text[first] == '\t';
}

problem syntax_problem(std::string_view text, YAML::Exception const& error) {
  int const line = line_of(error.mark);
  if (line > 0 && is_indented_with_tab(text, line)) return {line, "a tab in the indentation; use spaces"};
  return {line, std::string(improve(error.msg))};
}

}  // namespace

bool has_broken(node const& tree) {
  return tree.broken || std::ranges::any_of(tree.items, has_broken) ||
         std::ranges::any_of(tree.members, has_broken, &member::value);
}

node parse_yaml(std::string_view text, std::vector<problem>& problems) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (auto const bad = first_bad_byte(text)) {
    auto const line = static_cast<int>(std::ranges::count(text.substr(0, *bad), '\n')) + 1;
    problems.push_back({line, "the file must be UTF-8 text without control characters"});
    return {};
  }
  tree_builder builder(problems);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (YAML::Exception const& error) {
    problems.push_back(syntax_problem(text, error));
    return {};
  }
  if (never_closed(text, builder.last_quote())) {
    problems.push_back({builder.last_quote_line(), "a quote is never closed"});
    return {};
  }
  return builder.take_root();
}

}  // namespace recloser::config
