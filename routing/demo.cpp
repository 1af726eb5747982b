// The built-in provider: `demo/echo` answers with what the user said, so that the first request works on a machine
// without key and network.

#include <array>

#include "dialects/openai_chat/conversation.hpp"
#include "routing/attempt.hpp"

namespace recloser::routing {

namespace {

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string last_user_text(chat::request const& asked) {
  std::string text;
  for (auto message = asked.messages.rbegin(); message != asked.messages.rend(); ++message) {
    if (message->from != chat::role::user) continue;
    for (chat::part const& p : message->parts) {
      if (p.kind == chat::part_kind::text) text.append(p.text);
    }
    break;
  }
  return text;
}

/// A rough count, good enough for a demo: four bytes are a token.
std::int64_t tokens_of(std::string_view text) { return static_cast<std::int64_t>(text.size() / 4 + 1); }

/// The end of the next word with the space behind it, never inside an escape or a character: both hold no space.
std::size_t word_end(std::string_view text) {
  auto const space = text.find(' ');
  return space == std::string_view::npos ? text.size() : space + 1;
}

net::task<net::io_error> stream_echo(call const& client, reply_sink& sink, reply_info const& info,
                                     chat::reply const& reply) {
  dialects::openai_chat::chunk_writer writer(unix_now(), client.request.usage_wanted);
  std::string out;
  chat::event event;
  event.kind = chat::event_kind::start;
  event.id = reply.id;
  event.model = reply.model;
  writer.put(event, out);
  event.kind = chat::event_kind::text;
  for (std::string_view rest = reply.parts[0].text; !rest.empty();) {
    event.text = rest.substr(0, word_end(rest));
    rest.remove_prefix(event.text.size());
    writer.put(event, out);
  }
  event.kind = chat::event_kind::finish;
  event.finish = reply.finish;
  writer.put(event, out);
  event.kind = chat::event_kind::end;
  event.usage = reply.usage;
  writer.put(event, out);
  net::io_error error = co_await sink.begin_stream(info, out);
  if (error == net::io_error::none) error = co_await sink.end_stream(std::string_view(), true);
  co_return error;
}

}  // namespace

net::task<attempt_result> run_demo(call& client, reply_sink& sink, reply_info info) {
  attempt_result result;
  if (client.request.endpoint != providers::endpoint::chat) {
    result.fault = chat::bad_request("The built-in model demo/echo only answers chat completions.");
    co_return result;
  }
  auto const asked = dialects::openai_chat::read_request(*client.request.members);
  if (!asked) {
    result.fault = asked.error();
    co_return result;
  }
  std::string text = last_user_text(*asked);
  if (text.empty()) text = "Hello from recloser. Say something and I repeat it.";

  chat::reply reply;
  reply.id = "chatcmpl-demo";
  reply.model = "demo/echo";
  reply.finish = chat::finish_reason::stop;
  reply.usage.in_uncached = tokens_of(client.request.body);
  reply.usage.out_text = tokens_of(text);
  reply.usage.known = true;
  chat::part said;
  said.text = text;
  reply.parts.push_back(said);

  result.usage = reply.usage;
  result.committed = true;
  net::io_error error = net::io_error::none;
  if (client.request.stream) {
    error = co_await stream_echo(client, sink, info, reply);
  } else {
    std::string body;
    dialects::openai_chat::write_reply(reply, unix_now(), body);
    std::array<std::string_view, 1> const pieces = {std::string_view(body)};
    error = co_await sink.answer(info, pieces);
  }
  if (error != net::io_error::none) {
    result.fault.emplace(chat::fault_class::cancelled, chat::fault_source::client, 499, "the client went away");
  }
  co_return result;
}

}  // namespace recloser::routing
