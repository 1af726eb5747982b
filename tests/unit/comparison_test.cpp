// The registry as tables for people.

#include "providers/comparison.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::providers {
namespace {

using enum support;

std::vector<std::string> row_of(comparison const& table, std::string_view provider) {
  for (auto const& row : table.rows) {
    if (row.front() == provider) return row;
  }
  return {};
}

TEST(comparison, carries_the_seeds_tables) {
  auto const models = known_models();
  auto const tables = compare(models);
  ASSERT_EQ(tables.size(), 3u);
  auto const& tools = tables[0];
  auto const& windows = tables[1];
  auto const& vision = tables[2];
  for (auto const& table : tables) {
    for (auto const& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  }
  using row = std::vector<std::string>;
  EXPECT_EQ(row_of(tools, "Anthropic"), (row{"Anthropic", "yes", "yes", "yes"}));
  EXPECT_EQ(row_of(tools, "Google Gemini"), (row{"Google Gemini", "yes", "yes", "yes"}));
  EXPECT_EQ(row_of(tools, "xAI"), (row{"xAI", "yes", "yes", "yes"}));
  EXPECT_EQ(row_of(tools, "Ollama")[3], "no");
  EXPECT_EQ(row_of(tools, "LM Studio")[1], "yes");
  EXPECT_EQ(row_of(tools, "LM Studio")[3], "no");
  EXPECT_EQ(row_of(tools, "Replicate")[1], "no");
  EXPECT_EQ(row_of(windows, "Google Gemini"), (row{"Google Gemini", "gemini-1.5-pro", "2000000", "8192"}));
  EXPECT_NE(row_of(vision, "Ollama")[1].find("llava:7b"), std::string::npos);
  EXPECT_NE(row_of(vision, "Ollama")[2].find("qwen2.5-coder:7b"), std::string::npos);
  for (auto const& model : models) EXPECT_NE(model.what.context, 0) << model.provider << " " << model.model;
}

TEST(comparison, mixed_answers_depend_on_the_model) {
  std::vector<compared_model> const models{
      {"p", "P", "a", {.chat = yes, .tools = yes, .vision = yes}},
      {"p", "P", "b", {.chat = yes, .tools = no, .vision = no}},
      {"p", "P", "c", {.chat = yes}},
      {"p", "P", "e", {.chat = no, .parallel_tools = no}},
      {"q", "Q", "d", {.context = 10}},
  };
  auto const tables = compare(models);
  using rows = std::vector<std::vector<std::string>>;
  EXPECT_EQ(tables[0].rows, (rows{{"P", "depends on the model", "-", "-"}, {"Q", "-", "-", "-"}}));
  EXPECT_EQ(tables[1].rows, (rows{{"Q", "d", "10", "-"}}));
  EXPECT_EQ(tables[2].rows, (rows{{"P", "a", "b"}, {"Q", "-", "-"}}));
  EXPECT_EQ(compare_models(models).rows.size(), models.size());
  EXPECT_TRUE(compare({})[0].rows.empty());
}

}  // namespace
}  // namespace recloser::providers
