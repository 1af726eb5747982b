#pragma once
// `systemInstruction` and `contents`.

#include "dialects/gemini/generate_content.hpp"
#include "dialects/gemini/turns.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::gemini {

/// `systemInstruction` only when there is something to say.
void write_contents(json::writer& out, conversation const& talk, platform where);

}  // namespace recloser::dialects::gemini
