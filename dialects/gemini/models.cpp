#include "dialects/gemini/models.hpp"

#include <algorithm>
#include <iterator>

namespace recloser::dialects::gemini {

namespace {

using enum thinking_style;

constexpr std::int64_t k = 1024;

// Sources: the AI SDK's table as collected in providers-native.md §2.5; output limits are the vendor's model pages.
constexpr abilities rows[] = {
    {.id = "gemini-3-pro-image", .max_output = 32 * k, .thinking = budget, .least_budget = 128, .most_budget = 32 * k},
    {.id = "hydrogen", .highest = "XHIGH"},
    {.id = "gemini-3.7-flash", .max_output = 64 * k},
    {.id = "gemini-3.8-flash", .max_output = 64 * k},
    {.id = "gemini-flash-lite-latest", .max_output = 64 * k, .lowest = "MINIMAL"},
    {.id = "gemini-flash-latest", .max_output = 64 * k},
    {.id = "gemini-3-pro", .max_output = 64 * k, .medium = "HIGH"},  // the first one knows no level between
    {.id = "gemini-3", .also = "flash", .max_output = 64 * k, .lowest = "MINIMAL"},
    {.id = "gemini-3", .max_output = 64 * k},
    {.id = "gemini-2.5-flash-image",
     .max_output = 32 * k,
     .thinking = none,
     .third_generation = false,
     .takes_penalties = false},
    {.id = "gemini-2.5-flash-lite",
     .max_output = 64 * k,
     .thinking = budget,
     .least_budget = 512,
     .most_budget = 24 * k,
     .can_switch_off = true,
     .third_generation = false,
     .takes_penalties = false,
     .takes_logprobs = true},
    {.id = "gemini-2.5-flash",
     .max_output = 64 * k,
     .thinking = budget,
     .least_budget = 1,
     .most_budget = 24 * k,
     .can_switch_off = true,
     .third_generation = false,
     .takes_penalties = false,
     .takes_logprobs = true},
    {.id = "gemini-2.5-pro",
     .max_output = 64 * k,
     .thinking = budget,
     .least_budget = 128,
     .most_budget = 32 * k,
     .third_generation = false,
     .takes_penalties = false,
     .takes_logprobs = true},
    {.id = "gemini-2.5", .thinking = none, .third_generation = false, .takes_penalties = false},
    {.id = "gemini-2.", .max_output = 8 * k, .thinking = none, .third_generation = false, .takes_logprobs = true},
    {.id = "gemini-1.", .max_output = 8 * k, .thinking = none, .third_generation = false, .takes_logprobs = true},
    {.id = "gemma", .max_output = 8 * k, .thinking = none, .third_generation = false, .takes_system = false},
    {.id = "gemini-"},
    // Tuned models: their names say nothing of what they stand on.
    {.id = "", .thinking = none, .third_generation = false},
};

bool has(std::string_view model, std::string_view part) { return model.find(part) != std::string_view::npos; }

}  // namespace

abilities const& abilities_of(std::string_view model) {
  return *std::ranges::find_if(rows, [&](auto const& row) { return has(model, row.id) && has(model, row.also); });
}

}  // namespace recloser::dialects::gemini
