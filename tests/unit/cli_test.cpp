// The command line's pure parts: what a line means, what is sent, what is shown.

#include <gtest/gtest.h>

#include "cli/answer_reader.hpp"
#include "cli/chat_command.hpp"
#include "cli/chat_session.hpp"
#include "cli/daemon.hpp"
#include "cli/history_file.hpp"
#include "cli/output.hpp"
#include "cli/provider_facts.hpp"
#include "cli/text.hpp"
#include "providers/row.hpp"

namespace recloser::cli {
namespace {

// ---- text ------------------------------------------------------------------------------------------------------------

TEST(cli_text, terminals_get_no_control_characters) {
  EXPECT_EQ(printable("a\033[31mb\033]0;t\007c\x7f\r"), "a[31mb]0;tc");
  EXPECT_EQ(printable("two\nlines\tand a tab"), "two\nlines\tand a tab");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "31m");  // CSI as one C1 character
  EXPECT_EQ(printable("Grün 日本 🎉"), "Grün 日本 🎉");
  EXPECT_EQ(printable("a\x9B"
                      "b\xFF"),
            "ab");  // no UTF-8: a terminal in another encoding would obey it
}

TEST(cli_text, one_line) {
  EXPECT_EQ(one_line("  a\n\n b\tc  "), "a b c");
  EXPECT_EQ(one_line(""), "");
}

TEST(cli_text, invalid_utf8_is_replaced) {
  EXPECT_EQ(valid_utf8("ok é"), "ok é");
  EXPECT_EQ(valid_utf8("\xE9t\xE9"), "\uFFFDt\uFFFD");
  EXPECT_EQ(valid_utf8("\xC0\x80"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // surrogate
  EXPECT_EQ(valid_utf8("cut \xE2\x82"), "cut \uFFFD\uFFFD");
}

TEST(cli_text, widths_are_columns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Grün"), 4U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
}

TEST(cli_text, wrapping) {
  EXPECT_EQ(wrapped("one two three four", 12, 4), "one two\n    three\n    four");
  EXPECT_EQ(wrapped("unbreakable", 6, 4), "unbreakable");
  EXPECT_EQ(wrapped("", 6, 4), "");
}

TEST(cli_text, thousands) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(with_commas(-1234), "-1,234");
}

// ---- tables ----------------------------------------------------------------------------------------------------------

TEST(cli_table, columns_are_as_wide_as_their_widest_cell) {
  text_table table({"NAME", "WHAT"});
  table.add({"a", "first"});
  table.add({"日本語", "second"});
  table.add({"longer name", ""});
  EXPECT_EQ(table.text({false}),
            "NAME         WHAT\n"
            "a            first\n"
            "日本語       second\n"
            "longer name\n");
}

TEST(cli_table, cells_cannot_break_it) {
  text_table table({"A", "B"});
  table.add({"x\ny\033[2J", "z", "one too many"});
  EXPECT_EQ(table.text({false}), "A       B\nx y[2J  z\n");
}

TEST(cli_table, only_a_styled_one_has_escape_sequences) {
  text_table const table({"A"});
  EXPECT_EQ(table.text({false}), "A\n");
  EXPECT_EQ(table.text({true}), "\033[1mA\033[0m\n");
}

// ---- lines of the chat -----------------------------------------------------------------------------------------------

TEST(cli_line, text_is_a_message) {
  EXPECT_EQ(read_chat_line("  hello there ").verb, chat_verb::say);
  EXPECT_EQ(read_chat_line("  hello there ").argument, "hello there");
}

TEST(cli_line, paths_and_indented_slashes_are_messages) {
  EXPECT_EQ(read_chat_line("/etc/hosts looks odd").verb, chat_verb::say);
  EXPECT_EQ(read_chat_line(" /model what is that").argument, "/model what is that");
  EXPECT_EQ(read_chat_line("/").verb, chat_verb::say);
  EXPECT_EQ(read_chat_line("// comment").verb, chat_verb::say);
}

TEST(cli_line, commands) {
  EXPECT_EQ(read_chat_line("/quit").verb, chat_verb::quit);
  EXPECT_EQ(read_chat_line("/exit").verb, chat_verb::quit);
  EXPECT_EQ(read_chat_line("/help ").verb, chat_verb::help);
  chat_command const model = read_chat_line("/model  openai/gpt-4o ");
  EXPECT_EQ(model.verb, chat_verb::model);
  EXPECT_EQ(model.argument, "openai/gpt-4o");
  EXPECT_EQ(read_chat_line("/system be brief\nand kind").argument, "be brief\nand kind");
  EXPECT_EQ(read_chat_line("/save my file.md").argument, "my file.md");
}

TEST(cli_line, provider_takes_a_model_in_every_form) {
  for (std::string_view const line : {"/provider openai --model gpt-4o", "/provider openai --model=gpt-4o",
                                      "/provider openai -m gpt-4o", "/provider openai gpt-4o"}) {
    chat_command const got = read_chat_line(line);
    EXPECT_EQ(got.verb, chat_verb::provider) << line;
    EXPECT_EQ(got.argument, "openai") << line;
    EXPECT_EQ(got.model, "gpt-4o") << line;
  }
  EXPECT_EQ(read_chat_line("/provider ollama").argument, "ollama");
  EXPECT_EQ(read_chat_line("/provider ollama").model, "");
}

TEST(cli_line, mistakes_are_named) {
  EXPECT_EQ(read_chat_line("/modle x").verb, chat_verb::wrong);
  EXPECT_NE(read_chat_line("/modle x").argument.find("/model"), std::string::npos);
  EXPECT_NE(read_chat_line("/zzzzzz").argument.find("/help"), std::string::npos);
  EXPECT_EQ(read_chat_line("/provider openai --nonsense x").verb, chat_verb::wrong);
  EXPECT_EQ(read_chat_line("/provider a b c").verb, chat_verb::wrong);
  EXPECT_EQ(read_chat_line("/save").verb, chat_verb::wrong);
  EXPECT_EQ(read_chat_line("/model two words").verb, chat_verb::wrong);
}

TEST(cli_line, completion) {
  std::vector<std::string> const models{"openai/gpt-4o", "openai/gpt-4o-mini", "smart"};
  std::vector<std::string> const providers{"ollama", "openai"};
  using words = std::vector<std::string>;
  EXPECT_EQ(complete("/mo", models, providers), (words{"/model", "/models"}));
  EXPECT_EQ(complete("/model open", models, providers), (words{"openai/gpt-4o", "openai/gpt-4o-mini"}));
  EXPECT_EQ(complete("/provider ol", models, providers), (words{"ollama"}));
  EXPECT_EQ(complete("/provider ollama x", models, providers), words{});
  EXPECT_EQ(complete("hello sm", models, providers), words{});
}

// ---- the session -----------------------------------------------------------------------------------------------------

TEST(cli_session, a_body_has_the_whole_conversation) {
  chat_session session("smart", "be brief");
  session.settle("one", "first", {});
  EXPECT_EQ(session.request_body("say \"two\""),
            R"({"model":"smart","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"one"},)"
            R"({"role":"assistant","content":"first"},{"role":"user","content":"say \"two\""}],"stream":true,)"
            R"("stream_options":{"include_usage":true}})");
}

TEST(cli_session, a_body_is_utf8_whatever_was_typed) {
  chat_session const session("m", "");
  EXPECT_NE(session.request_body("caf\xE9\n").find("caf\uFFFD\\n"), std::string::npos);
}

TEST(cli_session, an_unanswered_message_is_not_kept) {
  chat_session session("m", "");
  (void)session.request_body("lost");
  EXPECT_TRUE(session.turns().empty());
}

TEST(cli_session, switching_keeps_the_turns) {
  chat_session session("a", "");
  session.settle("q", "from a", {});
  session.set_model("b");
  std::string const body = session.request_body("next");
  EXPECT_NE(body.find(R"("model":"b")"), std::string::npos);
  EXPECT_NE(body.find("from a"), std::string::npos);
  EXPECT_EQ(session.turns()[1].model, "a");
}

TEST(cli_session, usage_adds_up) {
  chat_session session("m", "");
  EXPECT_NE(usage_text(session).find("no tokens"), std::string::npos);
  session.settle("q", "a", {1000, 600, 50, 7, true});
  session.settle("q", "a", {2000, 0, 100, 0, true});
  EXPECT_EQ(session.total_usage().prompt, 3000);
  EXPECT_EQ(session.last_usage().completion, 100);
  EXPECT_EQ(usage_text(session),
            "last answer:   2,000 in, 100 out\n"
            "conversation:  3,000 in (600 from a cache), 150 out (7 reasoning), 2 answers\n");
  session.clear();
  EXPECT_FALSE(session.total_usage().known);
  EXPECT_TRUE(session.turns().empty());
}

TEST(cli_session, it_can_be_saved) {
  chat_session session("b", "be brief");
  session.settle("q?", "a!", {1, 0, 2, 0, true});
  EXPECT_EQ(session.as_markdown(), "## System\n\nbe brief\n\n## You\n\nq?\n\n## b\n\na!\n");
  EXPECT_EQ(
      session.as_json(),
      R"({"model":"b","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"q?"},)"
      R"({"role":"assistant","content":"a!"}],"usage":{"prompt_tokens":1,"cached_tokens":0,"completion_tokens":2,)"
      R"("reasoning_tokens":0}})"
      "\n");
}

// ---- switching -------------------------------------------------------------------------------------------------------

choices some() {
  return {{"azure/gpt-4o", "demo/echo", "ollama/qwen:7b", "openai/gpt-4o", "openai/gpt-4o-mini", "smart"},
          {"smart"},
          {"azure", "demo", "ollama", "openai", "bare"}};
}

TEST(cli_switch, a_named_model_is_taken) {
  switched const got = switch_provider("openai", "gpt-4.1", "smart", some());
  EXPECT_EQ(got.how, switched::result::model);
  EXPECT_EQ(got.model, "openai/gpt-4.1");
  EXPECT_EQ(switch_provider("openai", "openai/gpt-4.1", "", some()).model, "openai/gpt-4.1");
  EXPECT_EQ(switch_provider("ollama", "hf.co/x/y", "", some()).model, "ollama/hf.co/x/y");
}

TEST(cli_switch, the_same_model_is_kept_where_it_exists) {
  EXPECT_EQ(switch_provider("azure", "", "openai/gpt-4o", some()).model, "azure/gpt-4o");
  EXPECT_EQ(switch_provider("openai", "", "gpt-4o", some()).model, "openai/gpt-4o");
}

TEST(cli_switch, the_only_model_is_taken_and_of_several_one_is_asked_for) {
  EXPECT_EQ(switch_provider("ollama", "", "openai/gpt-4o", some()).model, "ollama/qwen:7b");
  switched const got = switch_provider("openai", "", "smart", some());
  EXPECT_EQ(got.how, switched::result::choose);
  EXPECT_EQ(got.candidates, (std::vector<std::string>{"openai/gpt-4o", "openai/gpt-4o-mini"}));
  EXPECT_EQ(switch_provider("bare", "", "smart", some()).how, switched::result::needs_model);
}

TEST(cli_switch, case_and_typing_errors) {
  EXPECT_EQ(switch_provider("OpenAI", "x", "", some()).model, "openai/x");
  switched const got = switch_provider("opnai", "", "", some());
  EXPECT_EQ(got.how, switched::result::unknown);
  EXPECT_NE(got.note.find("did you mean openai"), std::string::npos);
  EXPECT_NE(switch_provider("zzz", "", "", some()).note.find("azure, demo"), std::string::npos);
}

TEST(cli_switch, the_first_model) {
  EXPECT_EQ(first_model(some()).model, "smart");
  EXPECT_EQ(first_model({{"demo/echo"}, {}, {"demo"}}).model, "demo/echo");
  EXPECT_EQ(first_model({{"demo/echo", "ollama/x"}, {}, {"demo", "ollama"}}).model, "ollama/x");
  switched const got = first_model({{"demo/echo", "ollama/x", "ollama/y"}, {}, {"demo", "ollama"}});
  EXPECT_EQ(got.how, switched::result::choose);
  EXPECT_EQ(got.candidates.size(), 2U);
}

// ---- answers ---------------------------------------------------------------------------------------------------------

constexpr std::string_view stream =
    ": waiting\n\n"
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm \\u00e9\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\\n\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"
    "data: "
    "{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_"
    "tokens\":4},"
    "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}\n\n"
    "data: [DONE]\n\n";

TEST(cli_answer, a_stream_cut_anywhere) {
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    std::string reasoning;
    answer_reader reader([&](text_kind kind, std::string_view text) {
      if (kind == text_kind::reasoning) reasoning += text;
    });
    reader.feed(stream.substr(0, cut));
    reader.feed(stream.substr(cut));
    ASSERT_EQ(reader.text(), "Hello\n") << cut;
    ASSERT_EQ(reasoning, "hm é") << cut;
    ASSERT_TRUE(reader.complete()) << cut;
    ASSERT_EQ(reader.error(), "") << cut;
    ASSERT_EQ(reader.usage().prompt, 9) << cut;
    ASSERT_EQ(reader.usage().cached, 4) << cut;
    ASSERT_EQ(reader.usage().reasoning, 2) << cut;
  }
}

answer_reader read(std::string_view bytes) {
  answer_reader reader([](text_kind, std::string_view) {});
  reader.feed(bytes);
  return reader;
}

TEST(cli_answer, errors_inside_a_stream) {
  EXPECT_EQ(read("data: {\"error\":{\"message\":\"it\\nbroke\",\"type\":\"x\"}}\n\n").error(), "it broke");
  EXPECT_EQ(read("data: {\"error\":\"flat\"}\n\n").error(), "flat");
  EXPECT_EQ(read("data: {\"error\":null,\"choices\":[]}\n\n").error(), "");
  EXPECT_NE(read("data: <html>\n\n").error(), "");
  EXPECT_FALSE(read("data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n").complete());
}

TEST(cli_answer, endings_that_are_told) {
  EXPECT_EQ(finish_note("stop"), "");
  EXPECT_NE(finish_note("length"), "");
  EXPECT_NE(finish_note("content_filter"), "");
}

// ---- the daemon ------------------------------------------------------------------------------------------------------

TEST(cli_daemon, urls_in_every_form_that_people_write) {
  EXPECT_EQ(daemon_url("http://127.0.0.1:4100").value, "http://127.0.0.1:4100");
  EXPECT_EQ(daemon_url("http://127.0.0.1:4100/v1/").value, "http://127.0.0.1:4100");
  EXPECT_EQ(daemon_url("https://gate.example/llm/v1").value, "https://gate.example/llm");
  EXPECT_EQ(daemon_url("localhost:5000").value, "http://localhost:5000");
  EXPECT_EQ(daemon_url("localhost").value, "http://localhost:4100");
  EXPECT_FALSE(daemon_url("ftp://x"));
  EXPECT_FALSE(daemon_url("http://user:secret@x"));
}

TEST(cli_daemon, the_first_listener_is_asked) {
  config::server settings;
  EXPECT_EQ(daemon_url_of(settings), "http://127.0.0.1:4100");
  settings.listeners.push_back({"0.0.0.0", 8080, {}, false, 0});
  EXPECT_EQ(daemon_url_of(settings), "http://127.0.0.1:8080");
  settings.listeners[0] = {"::1", 8443, config::tls_listener{}, false, 0};
  EXPECT_EQ(daemon_url_of(settings), "https://[::1]:8443");
}

TEST(cli_daemon, an_openai_key_stays_on_this_machine) {
  auto const env = [](std::string const& name) -> std::optional<std::string> {
    if (name == "OPENAI_API_KEY") return "sk-real";
    return std::nullopt;
  };
  EXPECT_EQ(client_key(env, "http://127.0.0.1:4100"), "sk-real");
  EXPECT_EQ(client_key(env, "http://localhost:4100"), "sk-real");
  EXPECT_EQ(client_key(env, "http://[::1]:4100"), "sk-real");
  EXPECT_EQ(client_key(env, "https://gate.example"), "");
  auto const own = [](std::string const& name) -> std::optional<std::string> {
    return name == "RECLOSER_KEY" ? " rk-1\n" : "sk-real";
  };
  EXPECT_EQ(client_key(own, "https://gate.example"), "rk-1");
}

TEST(cli_daemon, failures_in_one_line) {
  target_daemon const asked{"http://127.0.0.1:4100", "", false};
  answer got;
  got.refused = true;
  EXPECT_NE(explain_failure(asked, got).find("recloser serve"), std::string::npos);
  got = {};
  got.status = 404;
  got.body = R"({"error":{"message":"no\nmodel","type":"x"}})";
  EXPECT_EQ(explain_failure(asked, got), "no model");
  got.body = "<html>\n<b>gone</b>";
  EXPECT_EQ(explain_failure(asked, got), "HTTP status 404: <html> <b>gone</b>");
  got.status = 401;
  EXPECT_NE(explain_failure(asked, got).find("RECLOSER_KEY"), std::string::npos);
}

TEST(cli_daemon, lists) {
  auto const models = read_models(
      R"({"object":"list","data":[{"id":"smart","owned_by":"recloser"},{"id":"a/b","created":7,"owned_by":"a"}]})");
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[1].id, "a/b");
  EXPECT_EQ(models[1].created, 7);
  EXPECT_TRUE(read_models("<html>").empty());
  EXPECT_EQ(read_providers(R"({"lanes":[],"endpoints":[{"provider":"a"},{"provider":"b"},{"provider":"a"}]})"),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(percent_encoded("a/b c:7"), "a%2Fb%20c%3A7");
}

// ---- history ---------------------------------------------------------------------------------------------------------

TEST(cli_history, an_entry_is_one_line) {
  for (std::string const entry : {"plain", "two\nlines", "back\\slash \\n", "ends in \\"}) {
    std::string line = to_history_line(entry);
    ASSERT_EQ(line.find('\n'), line.size() - 1) << entry;
    line.pop_back();
    EXPECT_EQ(from_history_line(line), entry);
  }
}

TEST(cli_history, where_it_is) {
  auto const with = [](std::string state, std::string home) {
    return history_path([=](std::string const& name) -> std::optional<std::string> {
      std::string const value = name == "HOME" ? home : name == "XDG_STATE_HOME" ? state : "";
      return value.empty() ? std::nullopt : std::optional(value);
    });
  };
  EXPECT_EQ(with("", "/home-of/me"), "/home-of/me/.local/state/recloser/chat_history");
  EXPECT_EQ(with("/state", "/home-of/me"), "/state/recloser/chat_history");
  EXPECT_EQ(with("relative", "/home-of/me"), "/home-of/me/.local/state/recloser/chat_history");
  EXPECT_EQ(with("", ""), "");
}

// ---- providers -------------------------------------------------------------------------------------------------------

TEST(cli_providers, configured_ones_stand_beside_the_catalog) {
  config::config settings;
  config::provider mine;
  mine.name = "mine";
  mine.type = "openai-compatible";
  mine.base_urls = {"http://127.0.0.1:9/v1"};
  mine.api_keys = {"secret-a", "secret-b"};
  settings.providers.push_back(mine);
  auto const all = collect_facts(settings);
  EXPECT_EQ(all.size(), providers::catalog().size() + 1);
  provider_facts const* const found = find_facts("mine", all);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->configured, "file");
  EXPECT_EQ(found->keys, 2U);
  EXPECT_EQ(found->base_urls, mine.base_urls);
  ASSERT_NE(find_facts("openai", all), nullptr);
  EXPECT_EQ(find_facts("openai", all)->configured, "no");
  EXPECT_EQ(find_facts("nowhere", all), nullptr);
}

}  // namespace
}  // namespace recloser::cli
