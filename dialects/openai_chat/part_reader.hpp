#pragma once
// One content part of a message.

#include <cstddef>
#include <string>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json_scan.hpp"

namespace recloser::dialects::openai_chat {

/// Where a part stands, for the fault that names it.
struct part_place {
  std::size_t message = 0;
  std::size_t part = 0;
  std::string path(std::string_view member) const;
};

/// Reads the object that `scan` stands at.
chat::result<chat::part> read_part(json::trusted_scanner& scan, part_place where, chat::store& store);

}  // namespace recloser::dialects::openai_chat
