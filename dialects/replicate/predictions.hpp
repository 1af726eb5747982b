#pragma once
// Replicate's predictions as the provider's side of a translation (providers-native.md §6).
//
// One answer takes several HTTP exchanges, which the caller drives:
//   create   POST `create_path(model)`, body of `write_request`; with the header `Prefer: wait` when it is not streamed
//   follow   GET the prediction's stream URL (`own_link` first), or GET `get_path(id)` until `is_over(status)`
//   give up  POST `cancel_path(id)` as soon as the client leaves: what runs on is paid for
// A create that failed after it was sent is not repeated, but for 429: twice created is twice paid (§7 row 21).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"
#include "dialects/replicate/inputs.hpp"

namespace recloser::dialects::replicate {

// ---- the request -----------------------------------------------------------------------------------------------

/// The path of a create below the base URL (`…/v1`). A model is `owner/name` (an official model), `owner/name:version`
/// or a version alone (64 hex digits), or `deployments/owner/name`. For anything else `write_request` has a fault.
std::string create_path(std::string_view model);

/// Writes the body of a create for a model with these inputs. Every parameter that could not be carried is named in
/// `dropped`. A member `input` of `wanted.unread` is merged into the model's input and wins.
/// Faults: a model name of another form, tools, media that the model cannot take, web search.
chat::result<void> write_request(chat::request const& wanted, std::string_view model, input_names const& inputs,
                                 std::string& out, std::vector<std::string>& dropped);

// ---- the prediction --------------------------------------------------------------------------------------------

enum class prediction_status { starting, processing, succeeded, failed, canceled, aborted };

/// Nothing more will come of it.
bool is_over(prediction_status status);

struct prediction {
  std::string id;  ///< letters and digits: fit for a path
  chat::raw_text model;
  prediction_status status = prediction_status::processing;
  chat::raw_json output;   ///< so far; empty: none
  std::string error;       ///< plain text
  chat::usage usage;       ///< known for models that count tokens
  std::string stream_url;  ///< empty: the model does not stream, poll it
  std::string get_url;     ///< the same as `get_path(id)` on the API's host
  std::string cancel_url;
};

/// Reads a prediction object. Its views point into `body`. A status that is not known counts as processing.
chat::result<prediction> read_prediction(std::string_view body);

/// The answer of a prediction that succeeded; its views point into the prediction's body and the reply's own store.
/// Otherwise the fault that it ended with, and a fault while it still runs.
chat::result<chat::reply> reply_of(prediction const& from);

std::string get_path(std::string_view id);
std::string cancel_path(std::string_view id);

// ---- URLs in answers -------------------------------------------------------------------------------------------

/// Where a URL of an answer leads.
struct link {
  bool tls = true;
  std::string host;
  std::uint16_t port = 443;
  std::string target;  ///< path and query
};

/// The link when it stays with the provider, else nothing: no answer may send our credential elsewhere. It stays when
/// scheme, host and port are those of `base_url`, or when both are https on hosts of Replicate (streams have one of
/// their own: `stream.replicate.com`).
std::optional<link> own_link(std::string_view url, std::string_view base_url);

// ---- streams ---------------------------------------------------------------------------------------------------

/// Reads the event stream behind a prediction's stream URL. It says neither who answers nor what it cost: `of` gives
/// the id and the model for the start, and GET `get_path(id)` after the end gives the usage.
std::unique_ptr<event_source> new_events(prediction const& of = {});

/// A whole answer as the events of a stream, for clients that want one from a model that has none. It is fed nothing.
/// What the reply's views point into must outlive it.
std::unique_ptr<event_source> events_of(chat::reply reply);

// ---- as a dialect ----------------------------------------------------------------------------------------------

/// `{"title":…,"detail":…,"status":…}` and its kin.
chat::fault read_error(int status, std::string_view body, std::string_view type = {});

/// Reads a create's answer that is over at once; a fault while it still runs.
chat::result<chat::reply> read_reply(std::string_view body);

/// The parts that fit, with the inputs that the table knows of. Its stream type is the one of the stream URL: a create
/// is always answered in JSON.
extern dialect const predictions;

}  // namespace recloser::dialects::replicate
