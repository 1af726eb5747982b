#pragma once
// Thought signatures in the history (providers-native.md §2.6): which go back, and what stands in for lost ones.
//
// A call keeps its own (`chat::part::signature`, with the model that made it in `producer`); who restores what clients
// dropped has to do no more than to fill those two in before the request is written.

#include <string_view>

#include "dialects/gemini/models.hpp"
#include "dialects/gemini/turns.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::gemini {

/// Takes out signatures that another model made, and gives the first call of each step of the current turn a
/// placeholder where the model demands a signature and none is there.
void settle_signatures(conversation& talk, std::string_view model, abilities const& takes, loss_report& lost);

/// `producer` is what an answer called the model that `asked` names: the same with a version behind it, or what an
/// alias (`gemini-flash-latest`) stands for.
bool is_same_model(std::string_view asked, std::string_view producer);

}  // namespace recloser::dialects::gemini
