#pragma once
// Thinking in the history: who may have it back, and when it must not be there (providers-native.md §1.5).

#include <string_view>

#include "dialects/loss.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects {

/// Takes out what another model thought: a model refuses seals that are not its own.
void drop_foreign_thinking(conversation& talk, std::string_view model, loss_report& lost);

/// Takes out all of it, for a request that does not think: in a running tool loop the API refuses the mixture.
void drop_thinking(conversation& talk, loss_report& lost);

/// A tool loop is running whose first turn calls without the thinking that led to it.
bool lacks_thinking(conversation const& talk);

}  // namespace recloser::dialects
