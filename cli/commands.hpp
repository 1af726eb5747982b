#pragma once
// The commands that print and end. Each returns the exit status: 0 good, 1 failed, 2 used in a wrong way.

#include <string>

namespace recloser::cli {

struct check_options {
  std::string file;  ///< empty: the one that `serve` would use
  bool json = false;
};
int check(check_options const& from);

struct providers_options {
  std::string provider;  ///< empty: all of them
  std::string config_file;
  bool compare = false;  ///< what their models can do, instead of how they are set up
  bool json = false;
};
int providers(providers_options const& from);

struct models_options {
  std::string url;
  std::string config_file;
  bool json = false;
};
int models(models_options const& from);

struct explain_options {
  std::string model;
  std::string config_file;
  bool json = false;
};
int explain(explain_options const& from);

struct health_options {
  std::string url;
};
int health(health_options const& from);

}  // namespace recloser::cli
