#include "dialects/openai_responses/usage.hpp"

#include <algorithm>
#include <span>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::openai_responses {

namespace {

/// The figures as they stand on the wire; they overlap.
struct wire_usage {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t cached = 0;
  std::int64_t cache_write = 0;
  std::int64_t long_cache_write = 0;
  std::int64_t reasoning = 0;
};

struct field {
  std::string_view name;
  std::int64_t wire_usage::*place;
};

constexpr field top_fields[] = {
    {"input_tokens", &wire_usage::input},
    {"output_tokens", &wire_usage::output},
    {"prompt_tokens", &wire_usage::input},  // xAI had these
    {"completion_tokens", &wire_usage::output},
};
constexpr field input_fields[] = {
    {"cached_tokens", &wire_usage::cached},
    {"cache_write_tokens", &wire_usage::cache_write},
};
constexpr field write_fields[] = {{"ttl_12h_tokens", &wire_usage::long_cache_write}};
constexpr field output_fields[] = {{"reasoning_tokens", &wire_usage::reasoning}};

struct group {
  std::string_view name;
  std::span<field const> fields;
};
constexpr group groups[] = {
    {"input_tokens_details", input_fields},       {"cache_write_tokens_details", write_fields},
    {"output_tokens_details", output_fields},     {"prompt_tokens_details", input_fields},
    {"completion_tokens_details", output_fields},
};

/// Objects inside are read as the groups that they are. True when a figure was there.
bool read_fields(json::trusted_scanner& scan, std::span<field const> fields, wire_usage& out) {
  bool any = false;
  scan.walk_object([&](std::string_view key) {
    if (scan.peek() == '{') {
      auto const inside = std::ranges::find(groups, key, &group::name);
      read_fields(scan, inside == std::end(groups) ? std::span<field const>() : inside->fields, out);
      return true;
    }
    auto const count = json::integer_of(scan.value());
    auto const known = std::ranges::find(fields, key, &field::name);
    if (known == fields.end() || !count || *count < 0) return true;
    out.*known->place = *count;
    return any = true;
  });
  return any;
}

}  // namespace

chat::usage read_usage(chat::raw_json usage) {
  wire_usage wire;
  chat::usage out;
  json::trusted_scanner scan(usage);
  out.known = read_fields(scan, top_fields, wire);

  // Cached tokens are part of the input, but on some routes of xAI they exceed it: then they are not (§6).
  bool const cached_inside = wire.cached <= wire.input;
  auto left = wire.input - (cached_inside ? wire.cached : 0);
  auto const written = std::min(wire.cache_write, left);
  out.in_cache_read = wire.cached;
  out.in_cache_write_1h = std::min(wire.long_cache_write, written);  // the bucket of the dearer ones
  out.in_cache_write_5m = written - out.in_cache_write_1h;
  out.in_uncached = left - written;
  out.out_reasoning = std::min(wire.reasoning, wire.output);
  out.out_text = wire.output - out.out_reasoning;
  return out;
}

}  // namespace recloser::dialects::openai_responses
