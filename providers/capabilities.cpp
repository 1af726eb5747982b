#include "providers/capabilities.hpp"

#include <algorithm>
#include <array>

#include "providers/capabilities/rows.hpp"

namespace recloser::providers {

namespace {

using registry::row;
using registry::table;

// ---- which row -------------------------------------------------------------------------------------------------

/// The part that names the model: not the vendor, the folder, the deployment (`#`) or `ft:`.
std::string_view last_part(std::string_view model) {
  model = model.substr(0, model.find('#'));
  if (auto const slash = model.find_last_of("/\\"); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  if (model.starts_with("ft:")) model.remove_prefix(3);
  return model;
}

/// `.9`, `-9`, `-20`: the number before it is only the first half of a version. Not `-8b`, `-1.7b` and `-0613`.
bool is_minor_version(std::string_view rest) {
  if (rest.starts_with('.')) return true;
  if (!rest.starts_with('-')) return false;
  auto const end = std::ranges::find_if_not(rest.begin() + 1, rest.end(), registry::is_digit);
  auto const digits = end - rest.begin() - 1;
  return digits > 0 && digits <= 2 && (end == rest.end() || *end == '-');
}

/// What may follow a family's number. A later version of the family is not of it: nothing is known of that one yet. And
/// no letter that makes the number a size: `qwen3-8b` is no qwen3.8.
bool number_ends(std::string_view rest) {
  if (rest.empty()) return true;
  if (registry::is_digit(rest[0]) || is_minor_version(rest)) return false;
  bool const alone = rest.size() == 1 || rest[1] == '-';
  bool const size = alone && std::string_view("bmkt").find(rest[0]) != std::string_view::npos;
  bool const experts = rest[0] == 'x' && rest.size() > 1 && registry::is_digit(rest[1]);
  return !size && !experts;
}

bool word_ends(std::string_view rest) { return rest.empty() || !registry::is_letter(rest[0]); }

/// A model's name, ready to be compared with many families.
class name_of_model {
 public:
  explicit name_of_model(std::string_view model) : name_(last_part(model)) {
    auto const name = name_.text();
    for (std::size_t i = 0; i < name.size(); ++i) {
      dashed_[i] = name[i] == '.' ? '-' : name[i];
      if (i == 0 || dashed_[i - 1] == '-') words_[word_count_++] = static_cast<unsigned char>(i);
    }
  }

  bool is_of(row const& candidate) const {
    auto const family = candidate.spelled.text();
    auto const last = candidate.at_start ? std::min<std::size_t>(word_count_, 1) : word_count_;
    for (std::size_t i = 0; i < last; ++i) {
      if (dashed_[words_[i]] == family[0] && stands_at(family, words_[i])) return true;
    }
    return false;
  }

 private:
  bool stands_at(std::string_view family, std::size_t place) const {
    // Bedrock writes llama3-1, resellers claude-sonnet-4.5: points are as good as dashes here.
    std::string_view const there(dashed_.data() + place, name_.text().size() - place);
    if (!there.starts_with(family)) return false;
    auto const rest = name_.text().substr(place + family.size());
    return registry::is_digit(family.back()) ? number_ends(rest) : word_ends(rest);
  }

  static constexpr std::size_t longest = 128;

  registry::spelling<longest> name_;
  std::array<char, longest> dashed_{};          // points written as dashes
  std::array<unsigned char, longest> words_{};  // where they begin
  std::size_t word_count_ = 0;
};

bool is_one_of(std::string_view name, std::string_view names) {
  while (true) {
    auto const bar = names.find('|');
    if (names.substr(0, bar) == name) return true;
    if (bar == std::string_view::npos) return false;
    names.remove_prefix(bar + 1);
  }
}

struct found {
  row const* which = nullptr;
  table const* from = nullptr;

  void offer(row const& candidate, table const& its) {
    if (which && which->spelled.text().size() >= candidate.spelled.text().size()) return;
    which = &candidate;
    from = &its;
  }
};

struct rows_found {
  found general;   // for the family, at any provider
  found special;   // for the family, at this provider
  found provider;  // for this provider, whatever the model
};

rows_found find_rows(std::string_view provider, name_of_model const& model) {
  rows_found result;
  for (table const* each : registry::tables()) {
    for (row const& candidate : each->rows) {
      bool const everywhere = candidate.providers.empty();
      if (!everywhere && !is_one_of(provider, candidate.providers)) continue;
      if (candidate.family.empty()) {
        result.provider.offer(candidate, *each);
      } else if (model.is_of(candidate)) {
        (everywhere ? result.general : result.special).offer(candidate, *each);
      }
    }
  }
  return result;
}

// ---- putting facts together ------------------------------------------------------------------------------------

/// What a provider's interface cannot do, no model can do there; what it says beyond that answers only open questions.
capabilities limited(capabilities what, capabilities const& by) {
  for (auto const& each : all_capabilities) {
    auto& mine = what.*each.place;
    auto const its = by.*each.place;
    if (its == support::no || mine == support::unknown) mine = its;
  }
  return what;
}

char lower(char c) { return registry::lower(c); }

/// `*` stands for any part; letter case does not count.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

capabilities facts_in(config::model_override const& said) {
  capabilities result;
  result.context = said.context.value_or(0);
  result.max_output = said.max_output.value_or(0);
  for (auto const& each : all_capabilities) {
    if (auto const& answer = said.*each.said) result.*each.place = *answer ? support::yes : support::no;
  }
  return result;
}

}  // namespace

std::span<registry::table const* const> registry::tables() {
  static constexpr table const* all[] = {&openai_models, &anthropic_models, &google_models, &cloud_models,
                                         &open_models,   &embedding_models, &hosts};
  return all;
}

std::string_view to_string(support value) {
  switch (value) {
    case support::unknown: return "unknown";
    case support::no: return "no";
    case support::yes: return "yes";
  }
  return {};
}

registered find_registered(std::string_view provider, std::string_view model) {
  auto const rows = find_rows(provider, name_of_model(model));
  registered result;
  for (auto const& each : {rows.general, rows.special}) {
    if (!each.which) continue;
    result.what = merge(result.what, each.which->what);
    result.family = each.which->family;
    result.as_of = each.from->as_of;
  }
  if (rows.provider.which) result.what = limited(result.what, rows.provider.which->what);
  return result;
}

capabilities merge(capabilities base, capabilities const& over) {
  if (over.context > 0) base.context = over.context;
  if (over.max_output > 0) base.max_output = over.max_output;
  for (auto const& each : all_capabilities) {
    if (over.*each.place != support::unknown) base.*each.place = over.*each.place;
  }
  return base;
}

capabilities merge(capabilities base, std::span<config::model_override const> said, std::string_view model) {
  for (auto const& each : said) {
    if (matches(each.pattern, model)) base = merge(base, facts_in(each));
  }
  return base;
}

}  // namespace recloser::providers
