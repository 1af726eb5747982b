#pragma once
// Reasoning and tool calls that a server has left in the text of its answers, told as what they are. For targets whose
// model family `choose_family` names and `needs_reading`; where a server takes them out itself, nothing changes.

#include <memory>
#include <vector>

#include "chat/reply.hpp"
#include "chat/request.hpp"
#include "dialects/dialect.hpp"
#include "dialects/model_text/model_families.hpp"

namespace recloser::dialects::model_text {

/// The events of `source`, with the text events read. Tool calls that the source brings keep their order, and those from
/// the text are counted on behind the ones before them; one that the source has brought already is left out. `stop`
/// becomes `tool_calls` when calls were found. Faults are the source's own.
/// `tools`: those that the model may call in this answer. What they point to must outlive the source.
std::unique_ptr<event_source> filter_events(std::unique_ptr<event_source> source, family const& of,
                                            std::vector<chat::tool> const& tools);

/// The same for a whole answer.
void filter_reply(chat::reply& answer, family const& of, std::vector<chat::tool> const& tools);

}  // namespace recloser::dialects::model_text
