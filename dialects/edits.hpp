#pragma once
// Edits on a JSON text that leave every other byte as it was: how relay changes a request or a reply.

#include <string>
#include <string_view>
#include <vector>

#include "chat/text.hpp"
#include "dialects/json.hpp"

namespace recloser::json {

/// Replacements of parts of one text, collected in any order and applied in one pass. Parts must not overlap.
/// What is put in must live until the result is used: literals, views of the text, or what `kept` holds.
class edit_list {
 public:
  edit_list(std::string_view text, chat::store& kept) : text_(text), kept_(&kept) {}

  std::string_view text() const { return text_; }
  chat::store& kept() { return *kept_; }
  bool empty() const { return edits_.empty(); }

  /// `part` is a view of the text. An empty view at a place inserts there.
  void replace(std::string_view part, std::string_view with);
  void insert(char const* before, std::string_view what) { replace(std::string_view(before, before), what); }
  void erase(char const* begin, char const* end) { replace({begin, static_cast<std::size_t>(end - begin)}, {}); }

  /// The edited text as pieces.
  void pieces(std::vector<std::string_view>& out) const;
  void append_to(std::string& out) const;

  /// Where a place of the text that no edit touches is in the edited text.
  std::size_t new_place(char const* place) const;

  /// Starts over with another text.
  void reset(std::string_view text);

 private:
  struct edit {
    std::string_view part;
    std::string_view with;
  };

  template <class Emit>
  void apply(Emit emit) const;

  std::string_view text_;
  chat::store* kept_;
  std::vector<edit> edits_;
};

/// Changes to the members of one object of the text. Commas are its business. `finish` hands them to the list.
class object_edits {
 public:
  /// `object` is the object's own text, `members` what `scan_object` or `members_of` found in it.
  object_edits(edit_list& edits, chat::raw_json object, std::vector<member> const& members)
      : edits_(edits), object_(object), members_(members) {}

  void drop(std::size_t index);
  void drop(member const& which) { drop(static_cast<std::size_t>(&which - members_.data())); }
  void rename(member const& which, std::string_view key) { edits_.replace(which.key, key); }
  void replace(member const& which, chat::raw_json value) { edits_.replace(which.value, value); }
  void add(std::string_view key, chat::raw_json value);

  chat::store& kept() { return edits_.kept(); }

  void finish();

 private:
  void erase_run(std::size_t first, std::size_t last);

  edit_list& edits_;
  chat::raw_json object_;
  std::vector<member> const& members_;
  std::vector<char> dropped_;  // empty while nothing is dropped
  std::string added_;          // `"key":value,"key":value`
};

}  // namespace recloser::json
