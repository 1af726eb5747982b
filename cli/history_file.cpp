#include "cli/history_file.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace recloser::cli {

std::string history_path(config::environment const& env) {
  std::string folder = env("XDG_STATE_HOME").value_or("");
  if (!folder.starts_with('/')) {  // the specification: a relative path is as good as none
    std::string const home = env("HOME").value_or("");
    if (home.empty()) return {};
    folder = home + "/.local/state";
  }
  return folder + "/recloser/chat_history";
}

std::string to_history_line(std::string_view entry) {
  std::string line;
  for (char const c : entry) {
    if (c == '\n')
      line += "\\n";
    else if (c == '\\')
      line += "\\\\";
    else
      line += c;
  }
  return line + "\n";
}

std::string from_history_line(std::string_view line) {
  std::string entry;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 == line.size()) {
      entry += line[i];
      continue;
    }
    ++i;
    entry += line[i] == 'n' ? '\n' : line[i];
  }
  return entry;
}

std::vector<std::string> history_file::load() const {
  std::vector<std::string> entries;
  std::ifstream in(path_);
  for (std::string line; std::getline(in, line);) entries.push_back(from_history_line(line));
  if (entries.size() <= max_entries) return entries;
  entries.erase(entries.begin(), entries.end() - max_entries);
  std::string text;
  for (std::string const& entry : entries) text += to_history_line(entry);
  write(text, O_TRUNC);
  return entries;
}

void history_file::append(std::string_view entry) const { write(to_history_line(entry), O_APPEND); }

void history_file::write(std::string_view text, int flags) const {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
  int const fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, S_IRUSR | S_IWUSR);
  if (fd < 0) return;
  ::fchmod(fd, S_IRUSR | S_IWUSR);  // also when the file was there before
  while (!text.empty()) {
    ssize_t const n = ::write(fd, text.data(), text.size());
    if (n <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  ::close(fd);
}

}  // namespace recloser::cli
