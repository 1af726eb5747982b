// Calls written as Python, and whole answers that are calls without any marker (Llama).

#include "dialects/json.hpp"
#include "dialects/model_text/grammars.hpp"
#include "dialects/model_text/loose_json.hpp"

namespace recloser::dialects::model_text {

namespace {

/// The members that an object which is a call can begin with.
constexpr std::string_view first_keys[] = {"\"name\"",       "\"type\"",      "\"function\"",
                                           "\"parameters\"", "\"arguments\"", "\"id\""};

/// At `{`: whether this can be a call, as far as it is to be seen. An answer in JSON is not held back for nothing.
found object_looks_right(block_reader& in) {
  in.pass(1);
  in.skip_space();
  std::size_t which = 0;
  return in.one_of(first_keys, which);
}

/// At `[`: the same for `[name(`, or `[{`.
found list_looks_right(block_reader& in) {
  in.pass(1);
  in.skip_space();
  if (in.at_end()) return in.nothing_left();
  if (in.rest().front() == '{') return object_looks_right(in);
  std::string_view name;
  if (auto const got = in.name(name); got != found::yes) return got;
  return in.offers(name) && in.rest().front() == '(' ? found::yes : found::no;
}

found looks_right(block_reader& in) {
  auto const begin = in.place();
  auto const out = in.rest().front() == '[' ? list_looks_right(in) : object_looks_right(in);
  in.go_to(begin);
  return out;
}

bool add_python_calls(block_reader& in, std::string_view list) {
  auto const calls = python_calls(list.substr(1, list.size() - 2));
  if (!calls) return false;
  for (auto const& each : *calls) {
    if (!in.add_call(each.name, each.arguments)) return false;
  }
  return !calls->empty();
}

/// One bracketed value: calls in JSON, or a list of them in Python.
found read_bracketed(block_reader& in) {
  in.skip_space();
  if (in.at_end()) return in.nothing_left();
  char const first = in.rest().front();
  if (first != '[' && first != '{') return found::no;
  if (auto const right = looks_right(in); right != found::yes) return right;
  std::string_view text;
  if (auto const got = in.value(text); got != found::yes) return got;
  auto const inside = trimmed(text.substr(1));
  bool const python = first == '[' && !inside.starts_with('{') && text.ends_with(']');
  bool const added = python ? add_python_calls(in, text) : in.add_calls(text);
  if (!added) return found::no;
  in.commit();
  return found::yes;
}

}  // namespace

found read_pythonic(block_reader& in, grammar const& how) {
  in.skip_marker(how.marker);
  if (in.calls.empty()) {
    if (auto const got = read_bracketed(in); got != found::yes) return got;
  }
  in.skip_space();
  return in.optional(how.close);
}

found read_unmarked(block_reader& in, grammar const&) {
  constexpr std::string_view between[] = {";", "<|eom_id|>", "<|eot_id|>"};
  bool another = in.calls.empty();
  while (true) {
    if (another) {
      if (auto const got = read_bracketed(in); got != found::yes) return got;
    }
    in.skip_space();
    if (in.at_end()) return in.last() ? found::yes : found::more;
    std::size_t which = 0;
    if (auto const got = in.one_of(between, which); got != found::yes) return got;
    in.skip_space();
    another = which == 0 && !in.at_end();
  }
}

}  // namespace recloser::dialects::model_text
