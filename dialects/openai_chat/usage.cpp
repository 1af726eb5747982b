// The `usage` object of OpenAI's shape, with the spellings of its imitators (providers-openai-shaped.md §2.11, §6–16).

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {

namespace {

/// The figures as they stand on the wire; they overlap.
struct wire_usage {
  std::int64_t prompt = 0;
  std::int64_t completion = 0;
  std::int64_t total = 0;
  std::int64_t cached = 0;
  std::int64_t cache_write = 0;
  std::int64_t audio_in = 0;
  std::int64_t reasoning = 0;
  std::int64_t audio_out = 0;
};

struct field {
  std::string_view name;
  std::int64_t wire_usage::*place;
};

constexpr field top_fields[] = {
    {"prompt_tokens", &wire_usage::prompt},     {"completion_tokens", &wire_usage::completion},
    {"total_tokens", &wire_usage::total},       {"prompt_cache_hit_tokens", &wire_usage::cached},  // DeepSeek
    {"cached_tokens", &wire_usage::cached},                                                        // Moonshot
    {"num_cached_tokens", &wire_usage::cached},                                                    // Mistral
};
constexpr field prompt_fields[] = {
    {"cached_tokens", &wire_usage::cached},
    {"cache_write_tokens", &wire_usage::cache_write},
    {"audio_tokens", &wire_usage::audio_in},
};
constexpr field completion_fields[] = {
    {"reasoning_tokens", &wire_usage::reasoning},
    {"audio_tokens", &wire_usage::audio_out},
};

struct group {
  std::string_view name;
  std::span<field const> fields;
};
constexpr group groups[] = {
    {"prompt_tokens_details", prompt_fields},
    {"prompt_token_details", prompt_fields},  // Mistral
    {"completion_tokens_details", completion_fields},
};

/// Takes the known figures of the object ahead; objects inside are read as the groups that they are. One pass, nothing
/// allocated: every answer comes through here. True when a figure was there.
bool read_fields(json::trusted_scanner& scan, std::span<field const> fields, wire_usage& out) {
  bool any = false;
  scan.walk_object([&](std::string_view key) {
    if (scan.peek() == '{') {
      auto const inside = std::ranges::find(groups, key, &group::name);
      read_fields(scan, inside == std::end(groups) ? std::span<field const>() : inside->fields, out);
      return true;
    }
    auto const value = scan.value();
    auto const known = std::ranges::find(fields, key, &field::name);
    if (known == fields.end()) return true;
    if (auto const number = json::integer_of(value)) {
      auto& place = out.*known->place;
      place = std::max(place, *number);  // some report one figure under two names
      any = true;
    }
    return true;
  });
  return any;
}

}  // namespace

chat::usage read_usage(chat::raw_json object) {
  wire_usage wire;
  chat::usage out;
  json::trusted_scanner scan(object);
  out.known = read_fields(scan, top_fields, wire);

  // xAI leaves reasoning out of `completion_tokens`; its total tells.
  bool const apart = wire.reasoning > 0 &&
                     (wire.total == wire.prompt + wire.completion + wire.reasoning || wire.reasoning > wire.completion);
  auto const completion = apart ? wire.completion + wire.reasoning : wire.completion;
  // Cached tokens are part of the prompt, but on some routes of xAI they exceed it: then they are not.
  bool const cached_inside = wire.cached <= wire.prompt;
  auto left = wire.prompt;
  auto const take = [&left](std::int64_t wanted) {
    auto const taken = std::min(wanted, left);
    left -= taken;
    return taken;
  };
  out.in_cache_read = cached_inside ? take(wire.cached) : wire.cached;
  out.in_cache_write_5m = take(wire.cache_write);
  out.in_audio = take(wire.audio_in);  // cached audio was taken above
  out.in_uncached = left;
  out.out_reasoning = wire.reasoning;
  out.out_audio = wire.audio_out;
  out.out_text = std::max<std::int64_t>(0, completion - wire.reasoning - wire.audio_out);
  return out;
}

std::string missing_cache_details(chat::raw_json object, chat::usage const& read) {
  constexpr std::string_view details = "prompt_tokens_details";
  if (read.in_cache_read == 0 || !json::find(object, details).empty()) return {};
  return fmt::format(R"(,"{}":{{"cached_tokens":{}}})", details, read.in_cache_read);
}

}  // namespace recloser::dialects::openai_chat
