#include "dialects/openai_chat/made_id.hpp"

#include <random>

namespace recloser::dialects::openai_chat {

std::string made_id(std::string_view prefix) {
  static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::uniform_int_distribution<std::size_t> pick(0, letters.size() - 1);
  std::string id(prefix);
  for (int i = 0; i < 24; ++i) id += letters[pick(random)];
  return id;
}

}  // namespace recloser::dialects::openai_chat
