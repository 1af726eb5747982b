// Grammars whose calls are JSON: the whole call, or its arguments behind a name.

#include <string>

#include "dialects/json_bytes.hpp"
#include "dialects/model_text/grammars.hpp"
#include "dialects/model_text/loose_json.hpp"

namespace recloser::dialects::model_text {

namespace {

/// A fence around the JSON inside a block, with or without the language.
found skip_fence(block_reader& in) {
  in.skip_space();
  if (auto const got = in.literal("```"); got != found::yes) return got == found::no ? found::yes : got;
  if (in.at_end()) return in.last() ? found::yes : found::more;
  return in.optional("json");
}

/// Calls one after another, as far as they go; `close` may end them.
found read_calls(block_reader& in, std::string_view close, bool keeps_ids = false) {
  while (true) {
    if (skip_fence(in) == found::more) return found::more;
    in.skip_space();
    if (in.optional(";") == found::more) return found::more;
    in.skip_space();
    if (!close.empty()) {
      auto const closed = in.literal(close);
      if (closed == found::more) return found::more;
      if (closed == found::yes) break;
    }
    std::string_view text;
    auto const got = in.value(text);
    if (got == found::more) return found::more;
    if (got == found::no) break;
    if (!in.add_calls(text, keeps_ids)) return found::no;
    in.commit();
  }
  return in.calls.empty() ? found::no : found::yes;
}

}  // namespace

found read_json_calls(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  return read_calls(in, how.close);
}

/// §18.2 GLM: the first character tells the three formats apart.
found read_tool_call_tag(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  auto const resumed = in.place();
  in.go_to(how.marker.size());
  in.skip_space();
  if (in.at_end()) return in.nothing_left();
  char const first = in.rest().front();
  in.go_to(resumed);
  if (first == '<') return read_function_tag(in, how);
  bool const json = first == '{' || first == '[' || first == '`';
  return json ? read_calls(in, how.close) : read_glm(in);
}

/// Llama: `{…}; {…}`, or one of the built-in tools as `brave_search.call(query="…")`.
found read_python_tag(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  in.skip_space();
  if (!in.calls.empty() || in.at_end()) return in.calls.empty() ? in.nothing_left() : read_calls(in, {});
  if (in.rest().front() == '{' || in.rest().front() == '[') return read_calls(in, {});
  std::string_view name;
  std::string_view arguments;
  if (auto const got = in.name(name); got != found::yes) return got;
  if (in.rest().front() != '(') return found::no;
  if (auto const got = in.bracketed(arguments); got != found::yes) return got;
  std::string const text = std::string(name).append(arguments);
  auto const calls = python_calls(text);
  if (!calls || calls->size() != 1) return found::no;
  constexpr std::string_view method = ".call";
  if (name.ends_with(method)) name.remove_suffix(method.size());
  return in.add_call(name, calls->front().arguments) ? found::yes : found::no;
}

/// Old: an array of calls. New: `NAME[CALL_ID]ID[ARGS]{…}`, where some leave `[ARGS]` out.
found read_mistral(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  in.skip_space();
  if (in.at_end()) return in.calls.empty() ? in.nothing_left() : found::yes;
  if (in.rest().front() == '[' || in.rest().front() == '{') {
    std::string_view text;
    if (auto const got = in.value(text); got != found::yes) return got;
    return in.add_calls(text, true) ? found::yes : found::no;
  }
  std::string_view name;
  if (auto const got = in.name(name); got != found::yes) return got;
  std::string_view id;
  auto const with_id = in.literal("[CALL_ID]");
  if (with_id == found::more) return with_id;
  if (with_id == found::yes) {
    if (auto const got = in.name(id); got != found::yes) return got;
  }
  if (in.optional("[ARGS]") == found::more) return found::more;
  std::string_view arguments;
  if (auto const got = in.value(arguments); got != found::yes) return got;
  return in.add_call(name, arguments, id) ? found::yes : found::no;
}

found read_internlm(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  in.skip_space();
  if (in.optional("<|plugin|>") == found::more) return found::more;
  return read_calls(in, how.close);
}

// ---- sections: named calls between a beginning and an end ------------------------------------------------------

namespace {

struct section {
  std::string_view begins[2];
  std::string_view ends[2];
  std::string_view call;
  std::string_view separator;
  std::string_view call_end;
  /// Reads arguments behind the separator; `head` is what stood before it.
  found (*read)(block_reader& in, std::string_view head);
};

/// One call or the end of the section; `done`: no more calls come.
found read_in_section(block_reader& in, section const& of, bool& done) {
  std::string_view const here[] = {of.call, of.ends[0], of.ends[1]};
  std::size_t which = 0;
  in.skip_space();
  auto const got = in.one_of(here, which);
  if (got == found::more) return got;
  done = got == found::no || which > 0;
  if (done) return found::yes;
  std::string_view head;
  if (auto const found_head = in.until(of.separator, head); found_head != found::yes) return found_head;
  if (auto const read = of.read(in, head); read != found::yes) return read;
  in.skip_space();
  return in.optional(of.call_end);
}

found read_section(block_reader& in, section const& of) {
  if (in.place() == 0) {
    std::size_t which = 0;
    in.one_of(of.begins, which);  // or the first call itself
    in.commit();
  }
  bool done = false;
  while (!done) {
    auto const before = in.calls.size();
    if (auto const got = read_in_section(in, of, done); got != found::yes) {
      in.calls.resize(before);  // read again when more is there
      return got;
    }
    in.commit();
  }
  return in.calls.empty() ? found::no : found::yes;
}

/// V3.1: NAME before the separator, `{…}` behind it. R1 and V3: `function` before it, then NAME and a fenced `{…}`.
found read_deepseek_call(block_reader& in, std::string_view head) {
  auto name = trimmed(head);
  in.skip_space();
  if (in.at_end()) return in.nothing_left();
  if (in.rest().front() != '{') {
    if (auto const got = in.until("\n", name); got != found::yes) return got;
    name = trimmed(name);
    if (skip_fence(in) == found::more) return found::more;
  }
  std::string_view arguments;
  if (auto const got = in.value(arguments); got != found::yes) return got;
  if (!in.add_call(name, arguments)) return found::no;
  return skip_fence(in);
}

/// The id is the text `functions.NAME:2`, and goes back as that.
found read_kimi_call(block_reader& in, std::string_view head) {
  auto const id = trimmed(head);
  auto const name = id.substr(0, id.rfind(':'));
  std::string_view arguments;
  if (auto const got = in.value(arguments); got != found::yes) return got;
  return in.add_call(name, arguments, id) ? found::yes : found::no;
}

constexpr section deepseek = {
    .begins = {"<｜tool▁calls▁begin｜>", "<｜tool▁calls▁begin｜>"},
    .ends = {"<｜tool▁calls▁end｜>", "<｜tool▁calls▁end｜>"},
    .call = "<｜tool▁call▁begin｜>",
    .separator = "<｜tool▁sep｜>",
    .call_end = "<｜tool▁call▁end｜>",
    .read = read_deepseek_call,
};

constexpr section kimi = {
    .begins = {"<|tool_calls_section_begin|>", "<|tool_call_section_begin|>"},
    .ends = {"<|tool_calls_section_end|>", "<|tool_call_section_end|>"},
    .call = "<|tool_call_begin|>",
    .separator = "<|tool_call_argument_begin|>",
    .call_end = "<|tool_call_end|>",
    .read = read_kimi_call,
};

}  // namespace

found read_deepseek(block_reader& in, grammar const&) { return read_section(in, deepseek); }
found read_kimi(block_reader& in, grammar const&) { return read_section(in, kimi); }

// ---- a name, and JSON behind it --------------------------------------------------------------------------------

/// `… to=functions.NAME … <|message|>{…}<|call|>`. What stands between name and message does not matter.
found read_harmony(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  std::string_view header;
  if (auto const got = in.until("<|message|>", header); got != found::yes) return got;
  auto const name = header.substr(0, header.find_first_of(" <"));
  std::string_view arguments;
  if (auto const got = in.value(arguments); got != found::yes) return got;
  auto const before = in.calls.size();
  if (!in.add_call(name, arguments)) return found::no;
  in.skip_space();
  auto const ended = in.optional("<|call|>");
  if (ended == found::more) in.calls.resize(before);
  return ended;
}

found read_functionary(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  std::string_view name;
  if (auto const got = in.until("\n", name); got != found::yes) return got;
  std::string_view arguments;
  if (auto const got = in.value(arguments); got != found::yes) return got;
  return in.add_call(trimmed(name), arguments) ? found::yes : found::no;
}

/// `call:NAME{key:<|"|>text<|"|>,…}`
found read_gemma(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  in.skip_space();
  if (auto const got = in.literal("call:"); got != found::yes) return got;
  std::string_view name;
  if (auto const got = in.name(name); got != found::yes) return got;
  std::string_view arguments;
  if (auto const got = in.value(arguments); got != found::yes) return got;
  auto const before = in.calls.size();
  if (!in.add_call(name, arguments)) return found::no;
  in.skip_space();
  auto const ended = in.optional(how.close);
  if (ended == found::more) in.calls.resize(before);
  return ended;
}

}  // namespace recloser::dialects::model_text
