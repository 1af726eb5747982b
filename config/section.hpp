#pragma once
// How a section is read: a table of keys, each with the function that reads it. The same table gives the error for an
// unknown key its hint and the documentation its list, so a key exists in exactly one place.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "config/node.hpp"
#include "config/text.hpp"

namespace recloser::config {

/// What reading needs from outside, and where it leaves what it found wrong.
struct context {
  environment const& env;
  std::vector<problem> problems;
  std::vector<problem> warnings;

  void fail(int line, std::string message) { problems.push_back({line, std::move(message)}); }
  void warn(int line, std::string message) { warnings.push_back({line, std::move(message)}); }
};

/// One value of the file and what it is called. The readers write to `into` only what is right, and report the rest.
class field {
 public:
  field(context& reading, node const& what, std::string called, bool hidden = false, std::string_view key = {})
      : in(reading), value(what), path(std::move(called)), name(key), secret(hidden) {}

  context& in;
  node const& value;
  std::string path;       ///< `server.listen[1].address`
  std::string_view name;  ///< `address`: of a member; empty for an item of a list
  bool secret;            ///< nothing of the value may be shown

  int line() const { return value.line; }
  /// "`server.workers` " and `what`, the end of a sentence.
  void fail(std::string_view what) const;
  /// "must be `expected`, not `value`"
  void fail_type(std::string_view expected) const;

  field at(member const& one) const;
  field at(std::size_t index) const;

  void text(std::string& into) const;
  void number(unsigned& into, std::uint64_t least, std::uint64_t most) const;
  void size(std::size_t& into, std::uint64_t least, std::uint64_t most) const;
  void bytes(std::size_t& into, std::uint64_t least) const;
  void boolean(bool& into) const;
  void duration(std::chrono::milliseconds& into, bool zero_allowed = false) const;
  /// The path of a file that is there: found by `recloser check` already, not at the first request.
  void readable_file(std::string& into) const;
  /// A list, or one string; `commas` also splits that string.
  void texts(std::vector<std::string>& into, bool commas = false) const;

  /// The value as a list: a sequence's items, or the value itself as the only one.
  std::vector<field> items() const;
  /// A scalar that is not empty; otherwise nullptr and, unless it is broken, a problem.
  std::string const* scalar(std::string_view expected) const;
  /// True for a map. Null counts as an empty map; anything else is a problem.
  bool is_section() const;

  template <class Enum, std::size_t Count>
  void choice(Enum& into, std::pair<std::string_view, Enum> const (&choices)[Count]) const {
    std::vector<std::string> names;
    for (auto const& choice : choices) names.emplace_back(choice.first);
    if (int const found = index_of_choice(names); found >= 0) into = choices[found].second;
  }

 private:
  int index_of_choice(std::vector<std::string> const& names) const;
};

template <class Section>
struct key {
  std::string_view name;
  void (*read)(field const&, Section&);
};

/// A table and the object that its keys fill.
template <class Section>
struct binding {
  std::span<key<Section> const> keys;
  Section& into;

  bool read(field const& one) const {
    for (key<Section> const& known : keys) {
      if (known.name != one.name) continue;
      if (!one.value.broken) known.read(one, into);
      return true;
    }
    return false;
  }
};

template <class Section, std::size_t Count>
binding<Section> bind(key<Section> const (&keys)[Count], Section& into) {
  return {keys, into};
}

template <class Section, std::size_t Count>
void add_names(key<Section> const (&keys)[Count], std::string_view prefix, std::vector<std::string>& into) {
  for (key<Section> const& known : keys) into.push_back(std::string(prefix) + std::string(known.name));
}

void report_unknown_key(field const& section, member const& one, std::vector<std::string> const& known);

/// Reads every member of a map with the first table that knows it.
template <class... Section>
void read_section(field const& section, binding<Section> const&... tables) {
  if (!section.is_section()) return;
  for (member const& one : section.value.members) {
    field const value = section.at(one);
    if ((tables.read(value) || ...)) continue;
    std::vector<std::string> known;
    auto const collect = [&](auto const& table) {
      for (auto const& row : table.keys) known.emplace_back(row.name);
    };
    (collect(tables), ...);
    report_unknown_key(section, one, known);
  }
}

}  // namespace recloser::config
