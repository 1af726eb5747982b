// Grammars whose arguments stand one by one between tags, unquoted.

#include "dialects/json.hpp"
#include "dialects/model_text/grammars.hpp"
#include "dialects/model_text/loose_json.hpp"

namespace recloser::dialects::model_text {

namespace {

/// The tags of one grammar.
struct tags {
  std::string_view call;  ///< before the name
  std::string_view name_end;
  std::string_view argument;  ///< before the key
  std::string_view key_end;
  std::string_view value;  ///< before the value, where key and value have tags of their own
  std::string_view value_end;
  std::string_view call_end;
  std::string_view block_end[2] = {};  ///< around all calls; none: the block is one call
  bool attributes = false;             ///< after name and key come attributes, up to `>`
  bool line_breaks = false;            ///< one line break on either side of a value is not part of it
};

std::string_view without_line_breaks(std::string_view text) {
  if (text.starts_with('\n')) text.remove_prefix(1);
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

std::string quoted(std::string_view text) { return '"' + json::escaped(text) + '"'; }

/// DeepSeek says which values are strings; elsewhere the tool's schema does.
std::string json_of(block_reader const& in, std::string_view key, std::string_view value, std::string_view attributes) {
  if (attributes.find("string=\"true\"") != std::string_view::npos) return quoted(value);
  if (attributes.find("string=\"false\"") != std::string_view::npos) {
    auto json = loose_json(value, false);
    return json ? *std::move(json) : quoted(value);
  }
  return typed_argument(in.tool(), key, value);
}

/// `more` when `tag` may stand at the beginning of `text`, once there is more of it.
found begins(std::string_view text, std::string_view tag, block_reader const& in) {
  if (text.starts_with(tag)) return found::yes;
  return !in.last() && tag.starts_with(text) ? found::more : found::no;
}

/// The next argument begins although this one has not ended: with a tag that names a parameter of the tool. Any other is
/// part of a value that is about tool calls.
found begins_argument(std::string_view text, tags const& of, block_reader const& in) {
  auto const begun = begins(text, of.argument, in);
  if (begun != found::yes) return begun;
  constexpr std::size_t longest_key = 256;
  auto const window = text.substr(of.argument.size(), longest_key);
  auto const end = window.find(of.key_end);
  if (end == std::string_view::npos) return window.size() < longest_key ? in.nothing_left() : found::no;
  return has_parameter(in.tool(), window.substr(0, end)) ? found::yes : found::no;
}

/// A value up to its end, or to what can only follow it when its end was forgotten.
found read_value(block_reader& in, tags const& of, std::string_view& out) {
  auto& searched = in.searched();
  auto const text = in.rest();
  for (auto at = text.find('<', searched - in.place()); at != std::string_view::npos; at = text.find('<', at + 1)) {
    auto const ahead = text.substr(at);
    out = text.substr(0, at);
    auto const ended = begins(ahead, of.value_end, in);
    if (ended == found::yes) return in.pass(at + of.value_end.size()), found::yes;
    auto const call_ended = begins(ahead, of.call_end, in);
    auto const next = begins_argument(ahead, of, in);
    if (call_ended == found::yes || next == found::yes) return in.pass(at), found::yes;
    searched = in.place() + at;
    if (ended == found::more || call_ended == found::more || next == found::more) return found::more;
  }
  searched = in.place() + text.size();
  if (!in.last()) return found::more;
  out = text;
  in.pass(text.size());
  return in.may_close() ? found::yes : found::no;
}

/// One argument, or the end of the call.
found read_argument(block_reader& in, tags const& of) {
  in.skip_space();
  if (in.at_end() && in.last()) {
    if (!in.may_close()) return found::no;
    in.end_call();
    return found::yes;
  }
  std::string_view const here[] = {of.argument, of.call_end};
  std::size_t which = 0;
  auto const got = in.one_of(here, which);
  if (got == found::more) return got;
  if (got == found::no) {  // Llama's custom tools: all arguments as JSON
    std::string_view arguments;
    if (auto const value = in.value(arguments); value != found::yes) return value;
    in.skip_space();
    if (in.optional(of.call_end) == found::more) return found::more;
    return in.end_call(arguments) ? found::yes : found::no;
  }
  if (which == 1) return in.end_call(), found::yes;
  std::string_view key;
  std::string_view attributes;
  std::string_view value;
  if (auto const head = in.until(of.key_end, key); head != found::yes) return head;
  if (of.attributes) {
    if (auto const rest = in.until(">", attributes); rest != found::yes) return rest;
  }
  if (!of.value.empty()) {
    in.skip_space();
    if (auto const begun = in.literal(of.value); begun != found::yes) return begun;
  }
  if (auto const body = read_value(in, of, value); body != found::yes) return body;
  if (of.line_breaks) value = without_line_breaks(value);
  in.add_argument(trimmed(key), json_of(in, trimmed(key), value, attributes));
  return found::yes;
}

found read_arguments(block_reader& in, tags const& of) {
  while (in.in_call()) {
    if (auto const got = read_argument(in, of); got != found::yes) return got;
    in.commit();
  }
  return found::yes;
}

/// The head of the next call; `done`: there is none.
found read_head(block_reader& in, tags const& of, bool& done) {
  bool const single = of.block_end[0].empty();
  done = single && !in.calls.empty();
  if (done) return found::yes;
  in.skip_space();
  std::string_view const here[] = {of.call, single ? of.call : of.block_end[0], single ? of.call : of.block_end[1]};
  std::size_t which = 0;
  auto const got = in.one_of(here, which);
  if (got == found::more) return got;
  done = got == found::no || which > 0;
  if (done) return found::yes;
  std::string_view name;
  std::string_view attributes;
  if (auto const head = in.until(of.name_end, name); head != found::yes) return head;
  if (of.attributes) {
    if (auto const rest = in.until(">", attributes); rest != found::yes) return rest;
  }
  if (!in.begin_call(trimmed(name))) return found::no;
  in.commit();
  return found::yes;
}

found read_tags(block_reader& in, tags const& of) {
  while (true) {
    if (!in.in_call()) {
      bool done = false;
      if (auto const got = read_head(in, of, done); got != found::yes) return got;
      if (done) return in.calls.empty() ? found::no : found::yes;
    }
    if (auto const got = read_arguments(in, of); got != found::yes) return got;
  }
}

constexpr tags qwen = {
    .call = "<function=",
    .name_end = ">",
    .argument = "<parameter=",
    .key_end = ">",
    .value = {},
    .value_end = "</parameter>",
    .call_end = "</function>",
    .line_breaks = true,
};

constexpr tags qwen_in_tag = [] {
  auto out = qwen;
  out.block_end[0] = out.block_end[1] = "</tool_call>";
  return out;
}();

constexpr tags glm = {
    .call = "<tool_call>",
    .name_end = "\n",
    .argument = "<arg_key>",
    .key_end = "</arg_key>",
    .value = "<arg_value>",
    .value_end = "</arg_value>",
    .call_end = "</tool_call>",
};

constexpr tags invoke = {
    .call = "<invoke name=\"",
    .name_end = "\"",
    .argument = "<parameter name=\"",
    .key_end = "\"",
    .value = {},
    .value_end = "</parameter>",
    .call_end = "</invoke>",
    .block_end = {"</minimax:tool_call>", "</function_calls>"},
    .attributes = true,
    .line_breaks = true,
};

constexpr tags dsml = {
    .call = "<｜DSML｜invoke name=\"",
    .name_end = "\"",
    .argument = "<｜DSML｜parameter name=\"",
    .key_end = "\"",
    .value = {},
    .value_end = "</｜DSML｜parameter>",
    .call_end = "</｜DSML｜invoke>",
    .block_end = {"</｜DSML｜tool_calls>", "</｜DSML｜function_calls>"},
    .attributes = true,
};

constexpr tags dsml_ascii = {
    .call = "<|DSML|invoke name=\"",
    .name_end = "\"",
    .argument = "<|DSML|parameter name=\"",
    .key_end = "\"",
    .value = {},
    .value_end = "</|DSML|parameter>",
    .call_end = "</|DSML|invoke>",
    .block_end = {"</|DSML|tool_calls>", "</|DSML|function_calls>"},
    .attributes = true,
};

/// Passes the tag around the calls when the block begins with it and not with a call.
found skip_block_tag(block_reader& in, std::string_view const (&tags)[2]) {
  if (in.place() > 0) return found::yes;
  std::size_t which = 0;
  if (in.one_of(tags, which) == found::more) return found::more;
  return found::yes;
}

}  // namespace

found read_function_tag(block_reader& in, grammar const& how) {
  if (!how.close.empty()) return read_tags(in, qwen_in_tag);
  if (auto const got = read_tags(in, qwen); got != found::yes) return got;
  in.skip_space();
  return in.optional("</tool_call>");  // its opening is often forgotten
}

/// The name may be followed by a line break or by the first tag.
found read_glm(block_reader& in) {
  if (!in.in_call() && in.calls.empty()) {
    constexpr std::size_t longest_name = 256;
    in.skip_space();
    auto const window = in.rest().substr(0, longest_name);
    auto const end = window.find_first_of("\n<");
    if (end == std::string_view::npos) return window.size() < longest_name ? in.nothing_left() : found::no;
    if (!in.begin_call(trimmed(window.substr(0, end)))) return found::no;
    in.pass(end);
    in.commit();
  }
  return read_arguments(in, glm);
}

found read_invoke(block_reader& in, grammar const&) {
  constexpr std::string_view opens[] = {"<minimax:tool_call>", "<function_calls>"};
  return skip_block_tag(in, opens) == found::more ? found::more : read_tags(in, invoke);
}

found read_dsml(block_reader& in, grammar const&) {
  constexpr std::string_view opens[] = {"<｜DSML｜tool_calls>", "<｜DSML｜function_calls>"};
  return skip_block_tag(in, opens) == found::more ? found::more : read_tags(in, dsml);
}

found read_dsml_ascii(block_reader& in, grammar const&) {
  constexpr std::string_view opens[] = {"<|DSML|tool_calls>", "<|DSML|function_calls>"};
  return skip_block_tag(in, opens) == found::more ? found::more : read_tags(in, dsml_ascii);
}

}  // namespace recloser::dialects::model_text
