#include "cli/chat_client.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "cli/text.hpp"

namespace recloser::cli {

namespace {

void add(std::vector<std::string>& list, std::string name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(std::move(name));
}

}  // namespace

chat_client::chat_client(target_daemon daemon) : daemon_(std::move(daemon)), http_(daemon_.url, daemon_.key) {
  new_conversation();
}

void chat_client::new_conversation() {
  std::random_device random;
  session_id_ = fmt::format("chat-{:08x}{:08x}", random(), random());
}

std::string chat_client::refresh() {
  answer const models = http_.get("/v1/models");
  if (!models.ok()) return explain_failure(daemon_, models);
  choices now;
  for (listed_model const& m : read_models(models.body)) {
    std::string name = one_line(m.id);
    if (m.owner == "recloser")
      now.routes.push_back(name);
    else
      add(now.providers, one_line(m.owner));
    now.models.push_back(std::move(name));
  }
  // A provider that lists no models can be named all the same. Nothing is lost when this page is closed to us.
  if (answer const lanes = http_.get("/admin/lanes"); lanes.ok()) {
    for (std::string& name : read_providers(lanes.body)) add(now.providers, std::move(name));
  }
  known_ = std::move(now);
  return {};
}

std::string chat_client::check_model(std::string_view model) const {
  answer const got = http_.get("/v1/models/" + percent_encoded(model));
  return got.ok() ? std::string() : explain_failure(daemon_, got);
}

reply chat_client::ask(chat_session const& session, std::string const& message,
                       answer_reader::text_taker const& take) const {
  answer_reader reader(take);
  answer const got = http_.post_streamed("/v1/chat/completions", session.request_body(message),
                                         {{"accept", "text/event-stream"}, {"x-session-id", session_id_}},
                                         [&](std::string_view bytes) { reader.feed(bytes); });
  reply result;
  result.text = reader.text();
  result.used = reader.usage();
  result.interrupted = got.interrupted;
  result.target = one_line(got.header("x-recloser-target"));
  result.note = finish_note(reader.finish_reason());
  if (got.interrupted || (got.ok() && reader.complete() && reader.error().empty())) return result;
  if (!reader.error().empty())
    result.error = printable(reader.error());
  else if (!got.ok())
    result.error = explain_failure(daemon_, got);
  else
    result.error = "the answer broke off before its end";
  return result;
}

}  // namespace recloser::cli
