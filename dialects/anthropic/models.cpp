#include "dialects/anthropic/models.hpp"

#include <algorithm>
#include <iterator>

namespace recloser::dialects::anthropic {

namespace {

using enum thinking_style;

constexpr std::int64_t k = 1000;

// Sources: the vendor's "what's new" pages and the AI SDK's table, as collected in providers-native.md §1.3; the rows
// below 4.5 are the vendor's model overview. 128k, 64k … are the vendor's decimal thousands, but for the two oldest.
constexpr abilities rows[] = {
    {.id = "claude-sonnet-5-5",
     .max_output = 128 * k,
     .thinks_unasked = true,
     .takes_disabled = false,
     .takes_between_tools = true,
     .takes_forced_choice = false},
    {.id = "claude-opus-5-5",
     .max_output = 128 * k,
     .thinks_unasked = true,
     .takes_disabled = false,
     .takes_forced_choice = false},
    {.id = "claude-haiku-5-5", .max_output = 128 * k, .thinks_unasked = true},
    {.id = "claude-opus-5", .max_output = 128 * k, .thinks_unasked = true, .takes_budget = true},
    {.id = "claude-fable-5-2",
     .max_output = 128 * k,
     .thinks_unasked = true,
     .takes_disabled = false,
     .takes_forced_choice = false},
    {.id = "claude-fable-5-1",
     .max_output = 128 * k,
     .thinks_unasked = true,
     .takes_disabled = false,
     .takes_forced_choice = false},
    {.id = "claude-mythos-5-2",
     .max_output = 128 * k,
     .thinks_unasked = true,
     .takes_disabled = false,
     .takes_forced_choice = false},
    {.id = "claude-mythos-5-1",
     .max_output = 128 * k,
     .thinks_unasked = true,
     .takes_disabled = false,
     .takes_forced_choice = false},
    {.id = "claude-fable-5", .max_output = 128 * k, .thinks_unasked = true, .takes_disabled = false},
    {.id = "claude-mythos-5", .max_output = 128 * k, .thinks_unasked = true, .takes_disabled = false},
    // Sources disagree on budgets here (§9.1); the vendor's guidance is `adaptive`.
    {.id = "claude-sonnet-5", .max_output = 128 * k, .thinks_unasked = true},
    {.id = "claude-opus-4-8", .max_output = 128 * k},
    {.id = "claude-opus-4-7", .max_output = 128 * k},
    {.id = "claude-sonnet-4-6",
     .max_output = 128 * k,
     .takes_budget = true,
     .takes_xhigh = false,
     .takes_sampling = true},
    {.id = "claude-opus-4-6",
     .max_output = 128 * k,
     .takes_budget = true,
     .takes_xhigh = false,
     .takes_sampling = true},
    {.id = "claude-sonnet-4-5",
     .max_output = 64 * k,
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_prefill = true},
    {.id = "claude-opus-4-5",
     .max_output = 64 * k,
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_prefill = true},
    {.id = "claude-haiku-4-5",
     .max_output = 64 * k,
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_prefill = true},
    {.id = "claude-opus-4-1",
     .max_output = 32 * k,
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_prefill = true},
    {.id = "claude-sonnet-4",
     .max_output = 64 * k,
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_schema = false,
     .takes_prefill = true},
    {.id = "claude-opus-4",
     .max_output = 32 * k,
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_schema = false,
     .takes_prefill = true},
    {.id = "claude-3-7",
     .max_output = 64 * k,
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_schema = false,
     .takes_prefill = true},
    {.id = "claude-3-5",
     .max_output = 8192,
     .thinking = none,
     .takes_sampling = true,
     .takes_schema = false,
     .takes_prefill = true},
    {.id = "claude-3",
     .max_output = 4096,
     .thinking = none,
     .takes_sampling = true,
     .takes_schema = false,
     .takes_prefill = true},
    {.id = "claude-", .max_output = 128 * k, .thinks_unasked = true},
    // Other vendors behind the same API: only what every one of them knows.
    {.id = "",
     .thinking = budget,
     .takes_budget = true,
     .takes_sampling = true,
     .takes_schema = false,
     .takes_prefill = true},
};

char plain(char c) { return c == '.' ? '-' : c; }  // resellers write claude-sonnet-4.5

bool names(std::string_view model, std::string_view id) {
  return !std::ranges::search(model, id, {}, plain, plain).empty() || id.empty();
}

}  // namespace

abilities const& abilities_of(std::string_view model) {
  return *std::ranges::find_if(rows, [&](auto const& row) { return names(model, row.id); });
}

}  // namespace recloser::dialects::anthropic
