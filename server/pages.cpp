// The gateway's own pages: health, metrics, models, lanes.

#include <algorithm>
#include <ctime>

#include "dialects/json.hpp"
#include "server/endpoints.hpp"

namespace recloser::server {

namespace {

constexpr std::string_view json_type = "application/json";

std::string iso_date(std::int64_t unix_seconds) {
  std::time_t const when = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&when, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// What is known of a model's capabilities, as an object of ours that OpenAI's clients pass over.
void write_capabilities(json::writer& w, providers::capabilities const& what) {
  w.key("recloser").open('{');
  if (what.context > 0) w.key("context").number(what.context);
  if (what.max_output > 0) w.key("max_output").number(what.max_output);
  for (providers::capability const& each : providers::all_capabilities) {
    providers::support const known = what.*each.place;
    if (known != providers::support::unknown) w.key(each.name).boolean(known == providers::support::yes);
  }
  w.close('}');
}

void write_openai_model(json::writer& w, routing::model_index::entry const& e, routing::table const& routes) {
  w.open('{').key("id").string(e.model).key("object").text("model").key("created").number(e.created);
  w.key("owned_by").string(e.provider);
  auto const slash = e.model.find('/');
  if (auto const* provider = routes.find_service(e.provider); provider && slash != std::string::npos) {
    write_capabilities(w, routes.capabilities_of(*provider, std::string_view(e.model).substr(slash + 1)));
  }
  w.close('}');
}

void write_anthropic_model(json::writer& w, routing::model_index::entry const& e) {
  w.open('{').key("type").text("model").key("id").string(e.model).key("display_name").string(e.model);
  w.key("created_at").string(iso_date(e.created)).close('}');
}

/// Anthropic's SDKs list models in their own shape; they are known by their version header.
bool is_anthropic_client(request const& asked) { return asked.headers->find("anthropic-version").has_value(); }

std::string_view state_of(routing::lane const& one) {
  return one.consecutive_failures.load() == 0 ? "ok" : "failing";
}

void write_lane(json::writer& w, routing::lane const& one) {
  w.open('{').key("lane").string(one.id).key("state").text(state_of(one));
  w.key("attempts").number(static_cast<std::int64_t>(one.attempts.load()));
  w.key("failures").number(static_cast<std::int64_t>(one.failures.load()));
  w.key("consecutive_failures").number(one.consecutive_failures.load());
  int const fault = one.last_fault.load();
  w.key("last_fault");
  if (fault < 0) w.null();
  else w.text(chat::to_string(static_cast<chat::fault_class>(fault)));
  std::int64_t const at = one.last_failure_unix_ms.load();
  w.key("last_failure_at");
  if (at == 0) w.null();
  else w.string(iso_date(at / 1000));
  w.close('}');
}

}  // namespace

net::task<> serve_models(connection& client, request const& asked) {
  auto const models = client.table()->listed_models();
  std::string body;
  json::writer w(body);
  w.open('{');
  if (is_anthropic_client(asked)) {
    w.key("data").open('[');
    for (auto const& m : models) write_anthropic_model(w, m);
    w.close(']').key("has_more").boolean(false);
    w.key("first_id").string(models.empty() ? "" : models.front().model);
    w.key("last_id").string(models.empty() ? "" : models.back().model);
  } else {
    w.key("object").text("list").key("data").open('[');
    for (auto const& m : models) write_openai_model(w, m, *client.table());
    w.close(']');
  }
  w.close('}');
  co_await client.reply(200, json_type, body);
}

net::task<> serve_model(connection& client, request const& asked) {
  auto const models = client.table()->listed_models();
  auto const found = std::find_if(models.begin(), models.end(), [&](auto const& m) { return m.model == asked.rest; });
  routing::model_index::entry entry;
  if (found != models.end()) {
    entry = *found;
  } else {
    auto const plan = client.table()->find(asked.rest);
    if (!plan) {
      client.set_endpoint(usage::endpoint_label::models, client.owner().all().no_route,
                          usage::outcome_label::client_error);
      co_await client.refuse(plan.error());
      co_return;
    }
    entry = {plan->targets.front()->provider->name, asked.rest, 0};
  }
  std::string body;
  json::writer w(body);
  if (is_anthropic_client(asked)) write_anthropic_model(w, entry);
  else write_openai_model(w, entry, *client.table());
  co_await client.reply(200, json_type, body);
}

net::task<> serve_health(connection& client, request const&) {
  co_await client.reply(200, json_type, R"({"status":"ok"})");
}

net::task<> serve_ready(connection& client, request const&) {
  bool const ready = client.owner().all().ready.load() && !client.owner().draining();
  int const status = ready ? 200 : 503;
  std::string_view const body = ready ? R"({"status":"ready"})" : R"({"status":"not ready"})";
  co_await client.reply(status, json_type, body);
}

net::task<> serve_metrics(connection& client, request const&) {
  std::string const text = client.owner().all().metrics.expose();
  co_await client.reply(200, "text/plain; version=0.0.4; charset=utf-8", text);
}

net::task<> serve_lanes(connection& client, request const&) {
  std::string body;
  json::writer w(body);
  w.open('{').key("lanes").open('[');
  for (auto const& one : client.table()->shared().lanes.all()) write_lane(w, *one);
  w.close(']').key("endpoints").open('[');
  auto const now = std::chrono::duration_cast<std::chrono::milliseconds>(net::steady::now().time_since_epoch()).count();
  for (auto const& service : client.table()->services()) {
    for (auto const& e : service->endpoints) {
      std::int64_t const down = e.health->down_until_ms.load() - now;
      w.open('{').key("provider").string(service->name).key("url").string(e.url);
      w.key("state").text(down > 0 ? "down" : e.health->seen.load() ? "ok" : "unknown");
      w.key("again_in_ms").number(std::max<std::int64_t>(down, 0)).close('}');
    }
  }
  w.close(']').close('}');
  co_await client.reply(200, json_type, body);
}

net::task<> serve_reload(connection& client, request const&) {
  std::string const problems = client.owner().all().reload();
  if (problems.empty()) {
    co_await client.reply(200, json_type, R"({"status":"reloaded"})");
    co_return;
  }
  chat::fault const refused = chat::bad_request("The configuration was not reloaded: " + problems, "invalid_config");
  co_await client.refuse(refused);
}

net::task<> serve_root(connection& client, request const&) {
  co_await client.reply(200, "text/plain; charset=utf-8", "recloser is running. Point an OpenAI SDK at /v1.\n");
}

}  // namespace recloser::server
