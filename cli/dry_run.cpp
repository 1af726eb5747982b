#include "cli/dry_run.hpp"

#include <exception>

#include <fmt/format.h>

namespace recloser::cli {

dry_run::dry_run(server::options const& from) : loaded_(server::load(from)), metrics_(RECLOSER_VERSION) {
  if (!loaded_.problems.empty()) return;
  try {
    table_ = std::make_unique<routing::table>(loaded_.value, std::make_shared<routing::shared_state>(metrics_));
  } catch (std::exception const& e) {  // certificates that cannot be used and the like
    loaded_.problems.push_back({0, e.what()});
  }
}

std::vector<std::string> dry_run::problems() const {
  std::vector<std::string> result;
  for (config::problem const& p : loaded_.problems) result.push_back(config::to_string(p, loaded_.value.file));
  return result;
}

void print_problems(dry_run const& what) {
  for (std::string const& problem : what.problems()) fmt::print(stderr, "{}\n", problem);
}

}  // namespace recloser::cli
