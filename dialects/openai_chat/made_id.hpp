#pragma once

#include <string>
#include <string_view>

namespace recloser::dialects::openai_chat {

/// `prefix` and 24 letters and digits: an id for what a provider left without one.
std::string made_id(std::string_view prefix);

}  // namespace recloser::dialects::openai_chat
