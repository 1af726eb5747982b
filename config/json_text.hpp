#pragma once
// A value of the file as JSON text, for `defaults`. Numbers keep their digits.

#include <string>

#include "config/node.hpp"

namespace recloser::config {

std::string to_json(node const& value);

}  // namespace recloser::config
