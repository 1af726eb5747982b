// The inference endpoints: a client's request is scanned once, given to the dispatcher, and settled.

#include "dialects/json.hpp"
#include "dialects/openai_chat/relay.hpp"
#include "routing/dispatcher.hpp"
#include "server/endpoints.hpp"
#include "server/session.hpp"

namespace recloser::server {

namespace {

using usage::endpoint_label;
using usage::outcome_label;

/// What the gateway itself must know of a body.
struct scanned {
  std::vector<json::member> members;
  std::string model;
  bool stream = false;
  bool usage_wanted = false;
};

chat::result<scanned> scan(std::string_view body) {
  scanned result;
  result.members.reserve(16);
  if (body.empty()) return chat::bad_request("The body is empty; it must be a JSON object.", "invalid_json");
  auto const read = json::scan_object(body, result.members);
  if (!read) return read.error();
  for (json::member const& m : result.members) {
    if (m.key == "model") {
      if (!m.value.starts_with('"')) return chat::bad_request("`model` must be a string.", "invalid_type", "model");
      result.model = json::decode(json::text_of(m.value));
    } else if (m.key == "stream") {
      if (m.value != "true" && m.value != "false" && m.value != "null") {
        return chat::bad_request("`stream` must be a boolean.", "invalid_type", "stream");
      }
      result.stream = m.value == "true";
    } else if (m.key == "stream_options") {
      result.usage_wanted = json::find(m.value, "include_usage") == "true";
    }
  }
  if (result.model.empty()) {
    return chat::bad_request("You must provide a model parameter.", "missing_required_parameter", "model");
  }
  return result;
}

outcome_label outcome_of(routing::outcome const& what) {
  if (!what.fault) return outcome_label::ok;
  if (what.fault->what == chat::fault_class::cancelled) return outcome_label::cancelled;
  if (what.committed) return outcome_label::interrupted;
  switch (what.fault->source) {
    case chat::fault_source::client: return outcome_label::client_error;
    case chat::fault_source::gateway: return outcome_label::gateway_error;
    case chat::fault_source::upstream: return outcome_label::upstream_error;
  }
  return outcome_label::gateway_error;
}

std::string joined(std::vector<std::string> const& names) {
  std::string result;
  for (std::string const& name : names) result += (result.empty() ? "" : ", ") + name;
  return result;
}

/// A request that the drain cut: the client is told, in whatever state its answer is.
net::task<> tell_shutdown(connection& client) {
  chat::fault const closing(chat::fault_class::overloaded, chat::fault_source::gateway, 503,
                            "The gateway is shutting down.", "server_shutdown");
  if (client.streaming()) {
    std::string const last = dialects::openai_chat::write_stream_error(closing);
    co_await client.end_stream(last, false);
  } else if (!client.replied()) {
    co_await client.refuse(closing);
  }
}

net::task<> serve(connection& client, request const& asked, providers::endpoint kind, endpoint_label label) {
  auto const body = scan(asked.body);
  if (!body) {
    client.set_endpoint(label, client.owner().all().no_route, outcome_label::client_error);
    co_await client.refuse(body.error());
    co_return;
  }
  client.set_session(find_session(*asked.headers, body->members));
  routing::call call;
  call.request.body = asked.body;
  call.request.members = &body->members;
  call.request.endpoint = kind;
  call.request.stream = body->stream && kind != providers::endpoint::embeddings;
  call.request.usage_wanted = body->usage_wanted;
  call.model = body->model;
  std::string const owner = std::string(client.entry().key) + "\n" + std::string(client.entry().session);
  call.owner = owner;
  call.scope = &client.scope();
  call.started = client.started();
  routing::worker_context const worker{client.owner().loop(), client.owner().pool(), client.owner().all().metrics};
  routing::outcome const done = co_await routing::dispatch(worker, *client.table(), call, client);

  client.set_endpoint(label, done.series ? done.series : client.owner().all().no_route, outcome_of(done));
  client.owner().all().metrics.dropped_parameters(done.dropped.size());
  access_entry& entry = client.entry();
  entry.attempts = done.attempts;
  entry.usage = done.usage;
  entry.upstream = done.upstream;
  entry.first_token = done.first_token;
  if (done.fault) entry.fault = chat::to_string(done.fault->what);
  if (done.fault && done.fault->what == chat::fault_class::cancelled && client.owner().cutting()) {
    co_await tell_shutdown(client);
  } else if (done.fault && done.fault->what == chat::fault_class::cancelled) {
    entry.status = 499;
    client.close_after_this();
  } else if (done.fault && !done.committed) {
    routing::reply_info info;
    info.target = done.target;
    info.attempts = static_cast<int>(done.attempts);
    info.dropped = &done.dropped;
    info.upstream = done.upstream;
    routing::reply_info const* const tried = done.target.empty() ? nullptr : &info;
    co_await client.refuse(*done.fault, tried);
  }
  client.finish_entry(done.route, done.target, joined(done.dropped));
}

}  // namespace

net::task<> serve_chat(connection& client, request const& asked) {
  return serve(client, asked, providers::endpoint::chat, endpoint_label::chat);
}
net::task<> serve_completions(connection& client, request const& asked) {
  return serve(client, asked, providers::endpoint::completions, endpoint_label::completions);
}
net::task<> serve_embeddings(connection& client, request const& asked) {
  return serve(client, asked, providers::endpoint::embeddings, endpoint_label::embeddings);
}

}  // namespace recloser::server
