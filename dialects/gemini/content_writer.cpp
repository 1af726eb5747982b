#include "dialects/gemini/content_writer.hpp"

#include <iterator>

namespace recloser::dialects::gemini {

namespace {

constexpr std::string_view no_result = "(no result)";

struct part_writer {
  json::writer& out;
  platform where;

  using write_kind = void (part_writer::*)(piece const&);

  void write(piece const& what) {
    /// Indexed by piece_kind.
    static constexpr write_kind writers[] = {&part_writer::text,     &part_writer::file,     &part_writer::call,
                                             &part_writer::response, &part_writer::response, &part_writer::seal};
    static_assert(std::size(writers) == static_cast<std::size_t>(piece_kind::seal) + 1);
    out.open('{');
    (this->*writers[static_cast<std::size_t>(what.kind)])(what);
    if (!what.signature.empty()) out.key("thoughtSignature").text(what.signature);
    out.close('}');
  }

  void text(piece const& what) { out.key("text").text(what.text); }
  void seal(piece const&) { out.key("text").text({}); }
  void file(piece const& what) { write_media(out, what.files[0]); }

  void call(piece const& what) {
    out.key("functionCall").open('{');
    id_and_name(*what.call);
    out.key("args").raw(what.call->input.empty() ? chat::raw_json("{}") : what.call->input).close('}');
  }

  /// Words stay words, also when they are JSON: Google reads numbers in objects as doubles and takes a `$ref` in them
  /// for a reference to a file.
  void response(piece const& what) {
    bool const missing = what.kind == piece_kind::missing_response;
    out.key("functionResponse").open('{');
    id_and_name(*what.call);
    out.key("response").open('{');
    out.key(missing ? "error" : "output").text(missing ? no_result : what.text).close('}');
    if (!what.files.empty()) {
      out.key("parts").open('[');
      for (auto const& each : what.files) {
        out.open('{');
        write_media(out, each);
        out.close('}');
      }
      out.close(']');
    }
    out.close('}');
  }

  /// Vertex AI has no field for ids and refuses them (§2.4).
  void id_and_name(chat::part const& of) {
    if (where == platform::developer && !of.id.empty()) out.key("id").text(of.id);
    out.key("name").text(of.name);
  }
};

}  // namespace

void write_contents(json::writer& out, conversation const& talk, platform where) {
  if (!talk.system.empty()) {
    out.key("systemInstruction").open('{').key("parts").open('[');
    for (auto const text : talk.system) out.open('{').key("text").text(text).close('}');
    out.close(']').close('}');
  }
  part_writer parts{out, where};
  out.key("contents").open('[');
  for (auto const& each : talk.contents) {
    out.open('{').key("role").text(each.model ? "model" : "user").key("parts").open('[');
    for (auto const& what : each.pieces) parts.write(what);
    out.close(']').close('}');
  }
  out.close(']');
}

}  // namespace recloser::dialects::gemini
