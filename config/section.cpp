#include "config/section.hpp"

#include <algorithm>

#include "config/units.hpp"

namespace recloser::config {

namespace {

std::string where(std::string const& path) { return path.empty() ? "at the top level" : "in " + path; }

std::string shown(node const& value, bool secret) {
  switch (value.kind) {
    case node_kind::null: return "empty";
    case node_kind::scalar: return secret ? "this" : quote(value.written);
    case node_kind::sequence: return "a list";
    case node_kind::map: return "a section";
  }
  return {};
}

std::string range(std::uint64_t least, std::uint64_t most) {
  return "a number from " + std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

void field::fail(std::string_view what) const { in.fail(line(), "`" + path + "` " + std::string(what)); }

void field::fail_type(std::string_view expected) const {
  fail("must be " + std::string(expected) + ", not " + shown(value, secret));
}

field field::at(member const& one) const {
  return {in, one.value, path.empty() ? one.name : path + "." + one.name, secret, one.name};
}

field field::at(std::size_t index) const {
  return {in, value.items[index], path + "[" + std::to_string(index) + "]", secret};
}

std::string const* field::scalar(std::string_view expected) const {
  if (value.broken) return nullptr;
  if (value.kind != node_kind::scalar) {
    fail_type(expected);
    return nullptr;
  }
  if (trim(value.text).empty()) {
    fail("is empty");
    return nullptr;
  }
  return &value.text;
}

bool field::is_section() const {
  if (value.broken) return false;
  if (value.kind == node_kind::map || value.kind == node_kind::null) return true;
  if (path.empty()) {
    in.fail(line(), "the file must hold sections (`server:`, `providers:`, …), not " + shown(value, secret));
  } else {
    fail_type("a section (`key: value` lines)");
  }
  return false;
}

void field::text(std::string& into) const {
  if (std::string const* found = scalar("a text")) into = trim(*found);
}

void field::number(unsigned& into, std::uint64_t least, std::uint64_t most) const {
  std::size_t wide = into;
  size(wide, least, most);
  into = static_cast<unsigned>(wide);
}

void field::size(std::size_t& into, std::uint64_t least, std::uint64_t most) const {
  std::string const* found = scalar(range(least, most));
  if (found == nullptr) return;
  auto const number = parse_number(trim(*found));
  if (!number || *number < least || *number > most) return fail_type(range(least, most));
  into = *number;
}

void field::bytes(std::size_t& into, std::uint64_t least) const {
  constexpr std::string_view expected = "a size such as 1048576, 64KiB or 32MiB";
  std::string const* found = scalar(expected);
  if (found == nullptr) return;
  auto const size = parse_bytes(trim(*found));
  if (!size) return fail_type(expected);
  if (*size < least) return fail("must be at least " + std::to_string(least) + " bytes");
  into = *size;
}

void field::boolean(bool& into) const {
  std::string const* found = scalar("true or false");
  if (found == nullptr) return;
  if (auto const answer = parse_boolean(trim(*found))) {
    into = *answer;
  } else {
    fail_type("true or false");
  }
}

void field::duration(milliseconds& into, bool zero_allowed) const {
  constexpr std::string_view expected = "a duration such as 250ms, 10s or 2m (at most 24h)";
  std::string const* found = scalar(expected);
  if (found == nullptr) return;
  auto const time = parse_duration(trim(*found));
  if (!time) return fail_type(expected);
  if (*time == milliseconds(0) && !zero_allowed) return fail("must be more than 0");
  into = *time;
}

void field::readable_file(std::string& into) const {
  constexpr std::size_t largest = 4 << 20;
  std::string const* found = scalar("the path of a file");
  if (found == nullptr) return;
  into = trim(*found);
  if (parsed<std::string> const content = read_small_file(into, largest); !content) {
    fail("names a file that cannot be read (" + quote(into) + ": " + content.fault + ")");
  }
}

void field::texts(std::vector<std::string>& into, bool commas) const {
  into.clear();
  if (value.kind == node_kind::scalar && commas) {
    if (std::string const* found = scalar("a list")) into = split_commas(*found);
    return;
  }
  for (field const& item : items()) {
    if (std::string const* found = item.scalar("a text")) into.emplace_back(trim(*found));
  }
}

std::vector<field> field::items() const {
  std::vector<field> all;
  if (value.kind != node_kind::sequence) return {field(in, value, path, secret, name)};
  for (std::size_t i = 0; i < value.items.size(); ++i) all.push_back(at(i));
  return all;
}

int field::index_of_choice(std::vector<std::string> const& names) const {
  std::string const expected = list_of(names);
  std::string const* found = scalar(expected);
  if (found == nullptr) return -1;
  auto const match = std::ranges::find(names, lower(trim(*found)));
  if (match != names.end()) return static_cast<int>(match - names.begin());
  std::string const near = nearest(*found, names);
  fail("must be " + expected + ", not " + quote(value.written) +
       (near.empty() ? "" : "; did you mean `" + near + "`?"));
  return -1;
}

void report_unknown_key(field const& section, member const& one, std::vector<std::string> const& known) {
  // A misplaced secret must not be shown, and `keys: [{sk-…: laptop}]` has one as its key.
  std::string const name = section.secret ? std::string() : " " + quote(one.name);
  std::string const near = nearest(one.name, known);
  std::string const hint = near.empty() ? "; known here: " + list_of(known, "and") : "; did you mean `" + near + "`?";
  section.in.fail(one.line, "unknown key" + name + " " + where(section.path) + hint);
}

}  // namespace recloser::config
