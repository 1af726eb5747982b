#pragma once
// What `serve` would run with, for looking at: nothing is listened on, nothing is called.

#include <memory>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "routing/table.hpp"
#include "server/app.hpp"
#include "usage/metrics.hpp"

namespace recloser::cli {

class dry_run {
 public:
  explicit dry_run(server::options const& from);

  config::config const& settings() const { return loaded_.value; }
  /// `file:line: message`, also of what only shows when the table is built.
  std::vector<std::string> problems() const;
  std::vector<config::problem> const& raw_problems() const { return loaded_.problems; }
  bool good() const { return table_ != nullptr; }
  /// Only when `good()`.
  routing::table const& table() const { return *table_; }

 private:
  config::loaded loaded_;
  usage::metrics metrics_;
  std::unique_ptr<routing::table> table_;
};

/// Every problem on stderr.
void print_problems(dry_run const& what);

}  // namespace recloser::cli
