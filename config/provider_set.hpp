#pragma once
// The providers of a configuration while it is being completed: those of the file, those that a profile makes with
// settings of its own, and those of the catalog that targets or the environment bring in.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/sections.hpp"

namespace recloser::config {

class provider_set {
 public:
  provider_set(context& in, std::vector<known_provider> const& catalog) : in_(in), catalog_(catalog) {}

  /// A section of the file. What it lacks is a problem.
  void add_section(provider_draft draft);

  /// What a target's provider is called here.
  struct answer {
    std::string name;
    std::string unknown;  ///< not empty: there is no such provider; the message says so
    std::string lack;     ///< not empty: it cannot be used now; the message says what it needs
  };
  /// Adds a provider of the catalog that the file does not mention. `shown` stands for the name in messages.
  answer find(std::string const& name, std::string const& shown);

  /// The same with the settings of a profile on top.
  answer find(profile_link const& link, std::string const& profile);

  /// Zero config: every provider of the catalog that the environment makes usable.
  void add_from_environment();

  std::vector<provider> take() { return std::move(providers_); }

 private:
  struct completed {
    std::optional<provider> value;
    std::vector<problem> faults;
  };

  known_provider const* row(std::string_view name_or_alias) const;
  provider_draft const* draft_of(std::string_view name) const;
  completed complete(provider_draft const& draft) const;
  void set_urls(provider_draft const& draft, known_provider const& row, completed& into) const;
  void set_keys(provider_draft const& draft, known_provider const& row, completed& into) const;
  void check_special(provider_draft const& draft, known_provider const& row, completed& into) const;
  answer add_implicit(known_provider const& row);
  std::string unknown_message(std::string_view what, std::string const& name, std::string const& shown) const;
  /// Adds `value` as `wanted` (or `wanted.2`) and returns its name; that of another provider if it has the same settings.
  std::string add_named(std::string const& wanted, provider& value);

  context& in_;
  std::vector<known_provider> const& catalog_;
  std::vector<provider_draft> drafts_;  ///< of the sections, also of those that are wrong
  std::vector<provider> providers_;
  std::map<std::string, std::string> tried_;  ///< providers that targets brought in, and why they cannot be used
};

}  // namespace recloser::config
