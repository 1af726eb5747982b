// The prediction object and the answer in it (providers-native.md §6.1).

#include <algorithm>
#include <iterator>

#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/replicate/error.hpp"
#include "dialects/replicate/predictions.hpp"

namespace recloser::dialects::replicate {

using chat::raw_json;
using json::kind;
using json::kind_of;

namespace {

// ---- reading ---------------------------------------------------------------------------------------------------

struct status_row {
  std::string_view word;
  prediction_status status;
};

constexpr status_row statuses[] = {
    {"starting", prediction_status::starting},   {"processing", prediction_status::processing},
    {"succeeded", prediction_status::succeeded}, {"failed", prediction_status::failed},
    {"canceled", prediction_status::canceled},   {"aborted", prediction_status::aborted},
};

prediction_status status_of(raw_json value) {
  auto const row = std::ranges::find(statuses, json::text_of(value), &status_row::word);
  return row == std::end(statuses) ? prediction_status::processing : row->status;
}

bool is_id(std::string_view id) {
  constexpr std::size_t longest = 64;
  auto const plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  };
  return !id.empty() && id.size() <= longest && std::ranges::all_of(id, plain);
}

/// Models name the same two counts in either way.
chat::usage usage_of(raw_json metrics) {
  chat::usage out;
  auto const take = [&](raw_json value, std::int64_t& into) {
    auto const count = json::integer_of(value);
    if (!count || *count < 0) return;
    into = *count;
    out.known = true;
  };
  json::trusted_scanner(metrics).object([&](std::string_view key, raw_json value) {
    if (key == "input_token_count" || key == "token_input_count") take(value, out.in_uncached);
    if (key == "output_token_count" || key == "token_output_count") take(value, out.out_text);
    return true;
  });
  return out;
}

void read_urls(raw_json urls, prediction& out) {
  json::trusted_scanner(urls).object([&](std::string_view key, raw_json value) {
    auto const url = [&] { return json::decode(json::text_of(value)); };
    if (key == "stream") out.stream_url = url();
    if (key == "get") out.get_url = url();
    if (key == "cancel") out.cancel_url = url();
    return true;
  });
}

std::string words_of(raw_json error) {
  if (kind_of(error) == kind::string) return json::decode(json::text_of(error));
  auto const detail = json::unless_null(json::find(error, "detail"));
  return detail.empty() ? std::string(error) : words_of(detail);
}

// ---- the answer ------------------------------------------------------------------------------------------------

/// Pieces of text are one text; any other JSON is the answer as it stands.
void add_output(raw_json output, chat::reply& out) {
  auto const add = [&](chat::raw_text text) {
    if (text.empty()) return;
    out.parts.emplace_back().text = text;
  };
  if (output.empty()) return;
  if (kind_of(output) == kind::string) return add(json::text_of(output));
  std::vector<raw_json> pieces;
  bool const list = json::elements_of(output, pieces);
  bool const texts = list && std::ranges::all_of(pieces, [](raw_json each) { return kind_of(each) == kind::string; });
  if (!texts) return add(out.store.keep(json::escaped(output)));
  std::string joined;
  for (auto const each : pieces) joined += json::text_of(each);
  add(out.store.keep(std::move(joined)));
}

}  // namespace

bool is_over(prediction_status status) {
  return status != prediction_status::starting && status != prediction_status::processing;
}

chat::result<prediction> read_prediction(std::string_view body) {
  std::vector<json::member> members;
  if (auto scanned = json::scan_object(body, members); !scanned) return unreadable(scanned.error().message);
  prediction out;
  raw_json status;
  for (auto const& [key, member] : members) {
    auto const value = json::unless_null(member);
    if (key == "id") out.id = json::decode(json::text_of(value));
    if (key == "model") out.model = json::text_of(value);
    if (key == "status") status = value;
    if (key == "output") out.output = value;
    if (key == "error" && !value.empty()) out.error = words_of(value);
    if (key == "metrics") out.usage = usage_of(value);
    if (key == "urls") read_urls(value, out);
  }
  if (kind_of(status) != kind::string) return unreadable("it is no prediction");
  if (!is_id(out.id)) return unreadable("its prediction has no id");
  out.status = status_of(status);
  return out;
}

chat::result<chat::reply> reply_of(prediction const& from) {
  switch (from.status) {
    case prediction_status::starting:
    case prediction_status::processing: return unreadable("its prediction is not finished");
    case prediction_status::failed: return make_fault(0, from.error);
    case prediction_status::canceled:
      return make_fault(0, from.error.empty() ? "the prediction was canceled at the provider" : from.error);
    case prediction_status::aborted:
      return make_fault(
          0, from.error.empty() ? "the prediction never started: the provider is temporarily unavailable" : from.error);
    case prediction_status::succeeded: break;
  }
  chat::reply out;
  out.id = out.store.keep(from.id);
  out.model = from.model;
  add_output(from.output, out);
  out.finish = chat::finish_reason::stop;
  out.usage = from.usage;
  return out;
}

chat::result<chat::reply> read_reply(std::string_view body) {
  auto const read = read_prediction(body);
  if (!read) return read.error();
  return reply_of(*read);
}

}  // namespace recloser::dialects::replicate
