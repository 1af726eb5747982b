#include "routing/table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "routing/discovery.hpp"
#include "routing/retry_after.hpp"

namespace recloser::routing {
namespace {

config::provider provider(std::string name, std::string type, std::vector<std::string> keys = {"k"}) {
  config::provider result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.api_keys = std::move(keys);
  result.base_urls = {"http://127.0.0.1:9/v1"};
  return result;
}

config::route route_to(std::string name, std::vector<config::target> targets) {
  config::route result;
  result.name = std::move(name);
  result.targets = std::move(targets);
  return result;
}

class Table : public testing::Test {
 protected:
  std::shared_ptr<table> make() { return std::make_shared<table>(settings, shared); }

  usage::metrics metrics{"test"};
  std::shared_ptr<shared_state> shared = std::make_shared<shared_state>(metrics);
  config::config settings;
};

TEST_F(Table, FindsARouteBeforeAProviderBeforeABareModel) {
  settings.providers = {provider("openai", "openai"), provider("anthropic", "anthropic")};
  settings.routes = {route_to("openai/gpt-4o", {{"anthropic", "claude-sonnet-4-5"}})};
  auto const t = make();
  EXPECT_EQ(t->find("openai/gpt-4o")->targets[0]->name(), "anthropic/claude-sonnet-4-5");
  EXPECT_EQ(t->find("openai/gpt-4o-mini")->targets[0]->name(), "openai/gpt-4o-mini");
  EXPECT_EQ(t->find("gpt-4o")->targets[0]->name(), "openai/gpt-4o");
  EXPECT_EQ(t->find("claude-sonnet-4-5")->targets[0]->name(), "anthropic/claude-sonnet-4-5");
}

TEST_F(Table, KeepsSlashesAndColonsOfModelNames) {
  settings.providers = {provider("huggingface", "huggingface"), provider("ollama", "ollama")};
  auto const t = make();
  EXPECT_EQ(t->find("huggingface/meta-llama/Llama-3.3-70B")->targets[0]->model, "meta-llama/Llama-3.3-70B");
  EXPECT_EQ(t->find("ollama/llama3.2:3b")->targets[0]->model, "llama3.2:3b");
}

TEST_F(Table, KnowsTheCatalogsOtherNames) {
  settings.providers = {provider("groq", "groq")};
  EXPECT_EQ(make()->find("groqcloud/llama-3.3-70b-versatile")->targets[0]->provider->name, "groq");
}

TEST_F(Table, ABareNameMustHaveOneOwner) {
  settings.providers = {provider("a", "openai-compatible"), provider("b", "openai-compatible")};
  settings.providers[0].models = {"m1", "both"};
  settings.providers[1].models = {"m2", "both"};
  auto const t = make();
  EXPECT_EQ(t->find("m2")->targets[0]->name(), "b/m2");
  auto const ambiguous = t->find("both");
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().code, "model_not_found");
  EXPECT_NE(ambiguous.error().message.find("a/both, b/both"), std::string::npos);
}

TEST_F(Table, LearnsOwnersFromDiscovery) {
  settings.providers = {provider("ollama", "ollama")};
  auto const t = make();
  EXPECT_FALSE(t->find("qwen3:8b"));
  shared->models.set("ollama", {{"ollama", "qwen3:8b", 5}});
  EXPECT_EQ(t->find("qwen3:8b")->targets[0]->name(), "ollama/qwen3:8b");
  shared->models.set("ollama", {});
  EXPECT_FALSE(t->find("qwen3:8b"));
}

TEST_F(Table, NamesTheNearestWhenThereIsNoSuchModel) {
  settings.providers = {provider("openai", "openai")};
  settings.routes = {route_to("smart", {{"openai", "gpt-4o"}})};
  auto const missing = make()->find("smrat");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().status, 404);
  EXPECT_EQ(missing.error().param, "model");
  EXPECT_NE(missing.error().message.find("`smart`"), std::string::npos);
}

TEST_F(Table, SaysHowToTurnOnACatalogProvider) {
  auto const missing = make()->find("mistral/mistral-large-latest");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("MISTRAL_API_KEY"), std::string::npos) << missing.error().message;
}

TEST_F(Table, AnswersWithoutAnythingThroughTheDemo) {
  auto const t = make();
  EXPECT_TRUE(t->find("demo/echo"));
  EXPECT_FALSE(t->find("demo/other"));
}

TEST_F(Table, WeightsAreExactOverOneRoundAndSpread) {
  settings.providers = {provider("a", "openai-compatible"), provider("b", "openai-compatible")};
  settings.routes = {route_to("r", {{"a", "m", 3}, {"b", "m", 1}})};
  settings.routes[0].strategy = config::strategy::weighted;
  auto const t = make();
  std::map<std::string, int> first;
  for (int i = 0; i < 400; ++i) ++first[t->find("r")->targets[0]->name()];
  EXPECT_EQ(first["a/m"], 300);
  EXPECT_EQ(first["b/m"], 100);
  EXPECT_EQ(t->find("r")->targets.size(), 2u) << "the other one stays as a fallback";
}

TEST_F(Table, AModelThatOnlyAClientNamedGetsALaneOnceItWorked) {
  settings.providers = {provider("openai", "openai")};
  auto const t = make();
  auto const plan = t->find("openai/made-up-by-a-scanner");
  EXPECT_EQ(t->lane_of(*plan->targets[0], 0, false)->id, "openai/other");
  EXPECT_EQ(t->lane_of(*plan->targets[0], 0, true)->id, "openai/made-up-by-a-scanner");
  EXPECT_EQ(t->lane_of(*plan->targets[0], 0, false)->id, "openai/made-up-by-a-scanner");
}

TEST_F(Table, EveryKeyIsALane) {
  settings.providers = {provider("openai", "openai", {"a", "b"})};
  settings.routes = {route_to("r", {{"openai", "gpt-4o"}})};
  auto const t = make();
  ASSERT_EQ(t->routes()[0].targets[0].lanes.size(), 2u);
  EXPECT_EQ(t->routes()[0].targets[0].lanes[0]->id, "openai/gpt-4o");
  EXPECT_EQ(t->routes()[0].targets[0].lanes[1]->id, "openai/gpt-4o#2");
}

TEST_F(Table, AReloadKeepsLanesAndEndpointHealth) {
  settings.providers = {provider("openai", "openai")};
  settings.routes = {route_to("r", {{"openai", "gpt-4o"}})};
  auto const before = make();
  before->services()[0]->endpoints[0].health->down_until_ms = 7;
  auto const after = make();
  EXPECT_EQ(before->routes()[0].targets[0].lanes[0], after->routes()[0].targets[0].lanes[0]);
  EXPECT_EQ(after->services()[0]->endpoints[0].health->down_until_ms, 7);
}

TEST(Lane, OnlyRealFailuresCountAgainstIt) {
  usage::metrics metrics("test");
  lane_registry lanes(metrics);
  auto const one = lanes.get("p", "m", "");
  chat::fault const throttled(chat::fault_class::rate_limit, chat::fault_source::upstream, 429, "x");
  chat::fault const broken(chat::fault_class::server_error, chat::fault_source::upstream, 500, "x");
  one->record(&throttled, 1000);
  EXPECT_EQ(one->failures, 0u);
  one->record(&broken, 2000);
  one->record(&broken, 3000);
  EXPECT_EQ(one->failures, 2u);
  EXPECT_EQ(one->consecutive_failures, 2u);
  EXPECT_EQ(one->last_failure_unix_ms, 3000);
  one->record(nullptr, 4000);
  EXPECT_EQ(one->consecutive_failures, 0u);
  EXPECT_EQ(one->attempts, 4u);
}

TEST(Lanes, AreBounded) {
  usage::metrics metrics("test");
  lane_registry lanes(metrics);
  for (std::size_t i = 0; i < lane_registry::max_lanes + 100; ++i) lanes.get("p", "m" + std::to_string(i), "");
  EXPECT_LE(lanes.all().size(), lane_registry::max_lanes + 1);
}

std::vector<std::string> names_in(std::string_view body) {
  service provider;
  provider.name = "p";
  provider.row = providers::find_row("openai-compatible");
  std::vector<std::string> result;
  for (auto const& e : read_model_list(provider, body)) result.push_back(e.model);
  return result;
}

TEST(ModelLists, AreReadInEveryShape) {
  using names = std::vector<std::string>;
  EXPECT_EQ(names_in(R"({"object":"list","data":[{"id":"a"},{"id":"b"}]})"), (names{"a", "b"}));
  EXPECT_EQ(names_in(R"([{"id":"a"}])"), (names{"a"}));
  EXPECT_EQ(names_in(R"({"models":[{"name":"a:7b"}]})"), (names{"a:7b"}));
  EXPECT_EQ(names_in(R"({"data":null})"), (names{}));
  EXPECT_EQ(names_in("<html>"), (names{}));
  EXPECT_EQ(names_in(""), (names{}));
}

std::optional<std::int64_t> wait_in(std::initializer_list<std::pair<char const*, char const*>> headers) {
  net::fields fields;
  for (auto const& [name, value] : headers) fields.add(name, value);
  auto const wait = read_retry_after(fields);
  return wait ? std::optional(static_cast<std::int64_t>(wait->count())) : std::nullopt;
}

TEST(RetryAfter, TheFirstReadableWishCounts) {
  EXPECT_EQ(wait_in({}), std::nullopt);
  EXPECT_EQ(wait_in({{"Retry-After", "3"}}), 3000);
  EXPECT_EQ(wait_in({{"Retry-After", "0.25"}}), 250);
  EXPECT_EQ(wait_in({{"Retry-After", "3"}, {"Retry-After-Ms", "120.5"}}), 121);
  EXPECT_EQ(wait_in({{"Retry-After-Ms", "soon"}, {"Retry-After", "3"}}), 3000);
  EXPECT_EQ(wait_in({{"Retry-After", "0"}}), std::nullopt);
  EXPECT_EQ(wait_in({{"Retry-After", "-1"}}), std::nullopt);
  EXPECT_EQ(wait_in({{"Retry-After", "nan"}}), std::nullopt);
  EXPECT_EQ(wait_in({{"Retry-After", "1e400"}}), 86'400'000);
  EXPECT_EQ(wait_in({{"Retry-After", "9999999"}}), 86'400'000);
}

TEST(RetryAfter, DatesAreComparedWithTheAnswersOwnClock) {
  for (char const* date : {"Sun, 06 Nov 1994 08:50:07 GMT", "Sunday, 06-Nov-94 08:50:07 GMT", "Sun Nov  6 08:50:07 1994"}) {
    EXPECT_EQ(wait_in({{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Retry-After", date}}), 30'000) << date;
  }
}

}  // namespace
}  // namespace recloser::routing
