// `keys:` and RECLOSER_KEYS: what clients must show.

#include <algorithm>

#include "config/sections.hpp"
#include "config/substitute.hpp"

namespace recloser::config {

namespace {

constexpr std::string_view variable_name = "RECLOSER_KEYS";

void read_key(field const& value, client_key& into) {
  std::string const* written = value.scalar("a key");
  if (written == nullptr) return;
  parsed<std::string> secret = read_secret(*written);
  if (!secret) return value.fail(secret.fault);
  into.secret = std::move(*secret.value);
}

constexpr key<client_key> client_key_keys[] = {
    {"name", [](field const& value, client_key& one) { value.text(one.name); }},
    {"key", read_key},
};

bool has_secret(std::vector<client_key> const& keys, std::string const& secret) {
  return std::ranges::find(keys, secret, &client_key::secret) != keys.end();
}

void add_key(field const& item, client_key one, std::vector<client_key>& into) {
  if (has_secret(into, one.secret)) return item.fail("repeats an earlier key");
  if (std::ranges::find(into, one.name, &client_key::name) != into.end()) return item.fail("repeats an earlier name");
  into.push_back(std::move(one));
}

void read_item(field const& item, std::string default_name, std::vector<client_key>& into) {
  client_key one{.name = std::move(default_name), .secret = {}};
  std::size_t const before = item.in.problems.size();
  if (item.value.kind == node_kind::map) {
    read_section(item, bind(client_key_keys, one));
  } else {
    read_key(item, one);
  }
  bool const flawed = item.in.problems.size() > before || has_broken(item.value);
  if (!one.secret.empty()) {
    add_key(item, std::move(one), into);
  } else if (!flawed) {
    item.fail("needs `key`");
  }
}

}  // namespace

void read_client_keys(field const& list, std::vector<client_key>& into) {
  field const hidden(list.in, list.value, list.path, true);
  if (list.value.kind == node_kind::null) return;
  if (list.value.kind == node_kind::map) return hidden.fail("must be a list of keys, or of `{name, key}` sections");
  std::size_t number = 0;
  for (field const& item : hidden.items()) read_item(item, "key-" + std::to_string(++number), into);
}

void add_client_keys_from_environment(context& in, std::vector<client_key>& into) {
  std::size_t number = 0;
  for (std::string const& written : split_commas(variable(in.env, std::string(variable_name)).value_or(""))) {
    std::string name = "env-" + std::to_string(++number);
    parsed<std::string> secret = read_secret(written);
    if (!secret) {
      in.fail(0, "entry " + std::to_string(number) + " of the environment variable `RECLOSER_KEYS` " + secret.fault);
    } else if (!has_secret(into, *secret.value)) {
      into.push_back({std::move(name), std::move(*secret.value)});
    }
  }
}

void add_client_key_keys(std::vector<std::string>& into) { add_names(client_key_keys, "keys.", into); }

}  // namespace recloser::config
