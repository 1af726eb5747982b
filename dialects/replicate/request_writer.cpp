// The body of a create (providers-native.md §6.1, §6.2).

#include <algorithm>
#include <vector>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/loss.hpp"
#include "dialects/replicate/model_name.hpp"
#include "dialects/replicate/predictions.hpp"
#include "dialects/replicate/prompt.hpp"

namespace recloser::dialects::replicate {

using chat::raw_json;

namespace {

// ---- what cannot be carried ------------------------------------------------------------------------------------

chat::fault unsupported(std::string message, std::string param) {
  return chat::bad_request(std::move(message), "unsupported_parameter", std::move(param));
}

chat::result<void> check(chat::request const& wanted) {
  bool const tools = !wanted.tools.empty() && wanted.tool_choice != chat::tool_choice_kind::none;
  if (tools) return unsupported("Replicate's models take no tools", "tools");
  if (!wanted.web_search.empty()) return unsupported("Replicate's models cannot search the web", "web_search_options");
  return {};
}

chat::result<void> check_images(script const& said, input_names const& inputs) {
  if (said.images.empty()) return {};
  if (inputs.image.empty()) return chat::bad_request("this model takes no images", "unsupported_value", "messages");
  if (said.images.size() == 1 || inputs.takes_images) return {};
  return chat::bad_request("this model takes one image", "unsupported_value", "messages");
}

void report_losses(chat::request const& wanted, loss_report& lost) {
  if (!wanted.thinking.empty()) lost.add("thinking");
  bool const usual = wanted.service_tier.empty() || wanted.service_tier == "auto" || wanted.service_tier == "default";
  if (!usual) lost.add("service_tier");
}

/// The models' only way to a form: they are told.
void ask_for_format(chat::request const& wanted, script& said, loss_report& lost) {
  if (wanted.format == chat::format_kind::text) return;
  lost.add("response_format (instructed)");
  if (!said.system.empty()) said.system += "\\n\\n";
  if (wanted.format == chat::format_kind::json_object) {
    said.system += "Answer with one JSON object and nothing else: no code fence, no words around it.";
  } else {
    said.system +=
        "Answer with one JSON value that fits the JSON schema below and nothing else: no code fence, no words "
        "around it.\\n" +
        json::escaped(wanted.schema);
  }
}

// ---- input -----------------------------------------------------------------------------------------------------

struct effort_row {
  std::string_view asked;
  std::string_view sent;
  std::string_view loss = {};
};

/// Only the three that every model with an effort takes.
constexpr effort_row efforts[] = {
    {"none", "low", "reasoning_effort (low)"},
    {"minimal", "low", "reasoning_effort (low)"},
    {"low", "low"},
    {"medium", "medium"},
    {"high", "high"},
    {"xhigh", "high", "reasoning_effort (high)"},
    {"max", "high", "reasoning_effort (high)"},
};

struct number_row {
  std::string_view member;  ///< of the client
  std::string_view input_names::*input;
};

constexpr number_row numbers[] = {
    {"seed", &input_names::seed},
    {"presence_penalty", &input_names::presence_penalty},
    {"frequency_penalty", &input_names::frequency_penalty},
};

class input_writer {
 public:
  input_writer(chat::request const& wanted, input_names const& names, json::writer& out, loss_report& lost)
      : wanted_(wanted), names_(names), out_(out), lost_(lost) {
    for (auto const& each : wanted.unread) {
      if (each.name == "input" && json::members_of(each.value, own_)) continue;
      if (each.name == "input" || std::ranges::find(numbers, each.name, &number_row::member) == std::end(numbers)) {
        lost_.add(each.name);
      }
    }
  }

  void write(script const& said) {
    out_.key("input").open('{');
    write_words(said);
    write_images(said);
    if (wanted_.max_tokens) write_number(names_.max_tokens, std::to_string(*wanted_.max_tokens), "max_tokens");
    write_number(names_.temperature, wanted_.temperature, "temperature");
    write_number(names_.top_p, wanted_.top_p, "top_p");
    write_number(names_.top_k, wanted_.top_k, "top_k");
    for (auto const& row : numbers) write_number(names_.*row.input, value_of(row.member), row.member);
    write_stop();
    write_effort();
    for (auto const& each : own_) out_.key(each.key).raw(each.value);
    out_.close('}');
  }

 private:
  raw_json value_of(std::string_view member) const {
    auto const found = std::ranges::find(wanted_.unread, member, &chat::unread_member::name);
    return found == wanted_.unread.end() ? raw_json() : found->value;
  }

  /// The client gives this input itself.
  bool is_own(std::string_view name) const { return std::ranges::find(own_, name, &json::member::key) != own_.end(); }

  /// A single question needs no list; models that have one take both.
  void write_words(script const& said) {
    bool const plain = said.turns.size() == 1 && said.turns[0].who == speaker::user;
    if (!names_.messages.empty() && !plain && !is_own(names_.messages)) return write_messages(said);
    auto prompt = prompt_of(said);
    if (names_.system.empty() && !said.system.empty()) prompt = said.system + "\\n\\n" + prompt;
    write_text("prompt", prompt);
    if (!names_.system.empty() && !said.system.empty()) write_text(names_.system, said.system);
  }

  void write_text(std::string_view name, std::string_view text) {
    if (!is_own(name)) out_.key(name).text(text);
  }

  void write_message(std::string_view role, std::string_view text) {
    out_.open('{').key("role").text(role).key("content").text(text).close('}');
  }

  void write_messages(script const& said) {
    out_.key(names_.messages).open('[');
    if (!said.system.empty()) write_message("system", said.system);
    for (auto const& each : said.turns) write_message(each.who == speaker::user ? "user" : "assistant", each.text);
    out_.close(']');
  }

  void write_images(script const& said) {
    if (said.images.empty() || is_own(names_.image)) return;
    out_.key(names_.image);
    if (!names_.takes_images) {
      out_.text(said.images.front());
      return;
    }
    out_.open('[');
    for (auto const& each : said.images) out_.text(each);
    out_.close(']');
  }

  void write_number(std::string_view name, raw_json value, std::string_view member) {
    if (value.empty()) return;
    if (name.empty()) return lost_.add(member);
    if (!is_own(name)) out_.key(name).raw(value);
  }

  /// As one text they are split at commas, so a comma in one of them cannot be said.
  void write_stop() {
    if (wanted_.stop.empty()) return;
    if (names_.stop.empty()) return lost_.add("stop");
    if (is_own(names_.stop)) return;
    if (!names_.stop_is_text) {
      out_.key(names_.stop).open('[');
      for (auto const each : wanted_.stop) out_.text(each);
      out_.close(']');
      return;
    }
    std::string all;
    for (auto const each : wanted_.stop) {
      if (each.find(',') != chat::raw_text::npos) {
        lost_.add("stop");
        continue;
      }
      if (!all.empty()) all += ',';
      all += each;
    }
    if (!all.empty()) out_.key(names_.stop).text(all);
  }

  void write_effort() {
    auto const row = std::ranges::find(efforts, wanted_.reasoning_effort, &effort_row::asked);
    if (row == std::end(efforts)) return;
    if (names_.effort.empty()) return lost_.add("reasoning_effort");
    if (is_own(names_.effort)) return;
    if (!row->loss.empty()) lost_.add(row->loss);
    out_.key(names_.effort).text(row->sent);
  }

  chat::request const& wanted_;
  input_names const& names_;
  json::writer& out_;
  loss_report& lost_;
  std::vector<json::member> own_;  // the client's own `input`
};

}  // namespace

chat::result<void> write_request(chat::request const& wanted, std::string_view model, input_names const& inputs,
                                 std::string& out, std::vector<std::string>& dropped) {
  loss_report lost(dropped);
  auto const name = parse_model_name(model);
  if (!name) {
    return chat::bad_request("a model of Replicate is 'owner/name', 'owner/name:version' or 'deployments/owner/name'",
                             "invalid_value", "model");
  }
  if (auto done = check(wanted); !done) return done;
  auto said = write_script(wanted, lost);
  if (!said) return said.error();
  if (auto done = check_images(*said, inputs); !done) return done;
  ask_for_format(wanted, *said, lost);
  report_losses(wanted, lost);

  json::writer body(out);
  body.open('{');
  if (name->kind == model_kind::version) body.key("version").text(name->version);
  input_writer(wanted, inputs, body, lost).write(*said);
  if (wanted.stream) body.key("stream").boolean(true);
  body.close('}');
  return {};
}

}  // namespace recloser::dialects::replicate
