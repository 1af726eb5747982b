#pragma once
// `system` and `messages`.

#include <string>
#include <vector>

#include "dialects/json.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::anthropic {

/// Nothing when there is nothing to say. `instructions` are ours and stand last, behind what caches hold.
void write_system(json::writer& out, conversation const& talk, std::vector<std::string> const& instructions);

void write_messages(json::writer& out, conversation const& talk);

}  // namespace recloser::dialects::anthropic
