#include "cli/chat_session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/text.hpp"
#include "config/load.hpp"
#include "config/text.hpp"
#include "dialects/json.hpp"
#include "providers/row.hpp"

namespace recloser::cli {

namespace {

constexpr std::string_view demo_model = "demo/echo";

void write_message(json::writer& w, std::string_view role, std::string_view text) {
  w.open('{').key("role").string(role).key("content").string(valid_utf8(text)).close('}');
}

std::string_view role_of(turn const& t) { return t.who == turn::speaker::user ? "user" : "assistant"; }

void write_usage(json::writer& w, token_counts const& used) {
  w.open('{').key("prompt_tokens").number(used.prompt).key("cached_tokens").number(used.cached);
  w.key("completion_tokens").number(used.completion).key("reasoning_tokens").number(used.reasoning).close('}');
}

std::string counts_text(token_counts const& used) {
  std::string result = with_commas(used.prompt) + " in";
  if (used.cached) result += " (" + with_commas(used.cached) + " from a cache)";
  result += ", " + with_commas(used.completion) + " out";
  if (used.reasoning) result += " (" + with_commas(used.reasoning) + " reasoning)";
  return result;
}

std::string list_of(std::vector<std::string> const& words) {
  std::string result;
  for (std::string const& word : words) result += (result.empty() ? "" : ", ") + word;
  return result;
}

bool has(std::vector<std::string> const& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

token_counts& token_counts::operator+=(token_counts const& more) {
  prompt += more.prompt;
  cached += more.cached;
  completion += more.completion;
  reasoning += more.reasoning;
  known = known || more.known;
  return *this;
}

void chat_session::clear() {
  turns_.clear();
  last_ = total_ = {};
  answers_ = 0;
}

std::string chat_session::request_body(std::string_view message) const {
  std::string body;
  json::writer w(body);
  w.open('{').key("model").string(valid_utf8(model_)).key("messages").open('[');
  if (!system_.empty()) write_message(w, "system", system_);
  for (turn const& t : turns_) write_message(w, role_of(t), t.text);
  write_message(w, "user", message);
  w.close(']').key("stream").boolean(true);
  w.key("stream_options").open('{').key("include_usage").boolean(true).close('}').close('}');
  return body;
}

void chat_session::settle(std::string message, std::string answer_text, token_counts const& used) {
  turns_.push_back({turn::speaker::user, std::move(message), {}});
  turns_.push_back({turn::speaker::assistant, std::move(answer_text), model_});
  ++answers_;
  count(used);
}

void chat_session::count(token_counts const& used) {
  last_ = used;
  total_ += used;
}

std::string chat_session::as_markdown() const {
  std::string result;
  if (!system_.empty()) result += "## System\n\n" + system_ + "\n\n";
  for (turn const& t : turns_) {
    result += t.who == turn::speaker::user ? std::string("## You") : "## " + t.model;
    result += "\n\n" + t.text + "\n\n";
  }
  if (!result.empty()) result.pop_back();
  return result;
}

std::string chat_session::as_json() const {
  std::string result;
  json::writer w(result);
  w.open('{').key("model").string(valid_utf8(model_)).key("messages").open('[');
  if (!system_.empty()) write_message(w, "system", system_);
  for (turn const& t : turns_) write_message(w, role_of(t), t.text);
  w.close(']').key("usage");
  write_usage(w, total_);
  w.close('}');
  return result + "\n";
}

std::string usage_text(chat_session const& of) {
  if (!of.total_usage().known) return "no tokens were reported yet\n";
  std::string const last = of.last_usage().known ? counts_text(of.last_usage()) : "not reported";
  return fmt::format("last answer:   {}\nconversation:  {}, {} answer{}\n", last, counts_text(of.total_usage()),
                     of.answers(), of.answers() == 1 ? "" : "s");
}

namespace {

/// The configured provider that is meant: by name, in any case, or by one of the catalog's other names.
std::string find_provider(std::string_view word, std::vector<std::string> const& providers) {
  std::string const wanted = config::lower(word);
  for (std::string const& name : providers) {
    if (config::lower(name) == wanted) return name;
  }
  providers::row const* const row = providers::find_row(wanted);
  return row && has(providers, row->name) ? std::string(row->name) : std::string();
}

std::vector<std::string> models_of(std::string const& provider, std::vector<std::string> const& models) {
  std::vector<std::string> result;
  for (std::string const& m : models) {
    if (m.starts_with(provider + "/")) result.push_back(m);
  }
  return result;
}

/// `gpt-4o` of `openai/gpt-4o` and of `gpt-4o`; nothing of a route's name.
std::string_view model_part(std::string_view current, choices const& known) {
  if (has(known.routes, current)) return {};
  std::size_t const slash = current.find('/');
  if (slash != std::string_view::npos && !find_provider(current.substr(0, slash), known.providers).empty()) {
    return current.substr(slash + 1);
  }
  return current;
}

switched unknown_provider(std::string_view word, std::vector<std::string> const& providers) {
  switched result;
  result.note = "there is no provider " + printable(word) + " here; ";
  std::string const near = config::nearest(word, providers);
  if (!near.empty())
    result.note += "did you mean " + near + "?";
  else
    result.note += providers.empty() ? "none is configured" : "there are: " + list_of(providers);
  return result;
}

}  // namespace

switched switch_provider(std::string_view provider, std::string_view model, std::string_view current,
                         choices const& known) {
  using result = switched::result;
  std::string const name = find_provider(provider, known.providers);
  if (name.empty()) return unknown_provider(provider, known.providers);
  if (!model.empty()) {
    std::string const prefix = name + "/";
    bool const whole = model.starts_with(prefix);
    return {result::model, whole ? std::string(model) : prefix + std::string(model), {}, {}};
  }
  std::string const same = name + "/" + std::string(model_part(current, known));
  std::vector<std::string> listed = models_of(name, known.models);
  if (has(listed, same)) return {result::model, same, {}, {}};
  if (listed.size() == 1) return {result::model, listed.front(), {}, {}};
  if (!listed.empty()) return {result::choose, {}, std::move(listed), {}};
  return {result::needs_model, {}, {}, "recloser knows no models of " + name + "; write --model NAME behind it"};
}

switched first_model(choices const& known) {
  using result = switched::result;
  if (!known.routes.empty()) return {result::model, known.routes.front(), {}, {}};
  std::vector<std::string> real = known.models;
  std::erase(real, demo_model);
  if (real.empty()) return {result::model, std::string(demo_model), {}, {}};
  if (real.size() == 1) return {result::model, real.front(), {}, {}};
  return {result::choose, {}, std::move(real), {}};
}

}  // namespace recloser::cli
