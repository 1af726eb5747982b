// Keys of a provider's section that only some types have. Whether a type has one stands in the catalog
// (`known_provider::settings`); here they are only read.

#include "config/base_url.hpp"
#include "config/json_text.hpp"
#include "config/sections.hpp"
#include "config/substitute.hpp"

namespace recloser::config {

namespace {

void note(field const& value, provider_draft& into) { into.special.emplace_back(value.name, value.line()); }

template <std::string cloud::*Place>
void text(field const& value, provider_draft& into) {
  note(value, into);
  value.text(into.value.cloud.*Place);
}

void read_client_secret(field const& value, provider_draft& into) {
  note(value, into);
  std::string const* written = value.scalar("a secret");
  if (written == nullptr) return;
  parsed<std::string> secret = read_secret(*written);
  if (!secret) return value.fail(secret.fault);
  into.value.cloud.client_secret = std::move(*secret.value);
}

void read_credentials_file(field const& value, provider_draft& into) {
  note(value, into);
  value.readable_file(into.value.cloud.credentials_file);
}

void read_token_url(field const& value, provider_draft& into) {
  note(value, into);
  std::string const* written = value.scalar("a URL");
  if (written == nullptr) return;
  parsed<std::string> url = canonical_base_url(*written);
  if (!url) return value.fail(url.fault);
  into.value.cloud.token_url = std::move(*url.value);
}

/// A member of every request to this provider.
void read_request_member(field const& value, provider_draft& into) {
  note(value, into);
  if (value.value.broken || has_broken(value.value)) return;
  into.value.defaults.emplace_back(value.name, to_json(value.value));
}

void read_window(field const& value, provider_draft& into) {
  unsigned checked = 0;
  value.number(checked, 1, 100'000'000);
  read_request_member(value, into);
}

void read_options(field const& value, provider_draft& into) {
  if (value.is_section()) return read_request_member(value, into);
  note(value, into);
}

constexpr std::pair<std::string_view, oversize> oversizes[] = {{"error", oversize::error},
                                                               {"truncate", oversize::truncate}};
constexpr std::pair<std::string_view, chat_api> apis[] = {
    {"auto", chat_api::automatic}, {"chat", chat_api::chat}, {"responses", chat_api::responses}};

constexpr key<provider_draft> table[] = {
    {"region", text<&cloud::region>},
    {"profile", text<&cloud::profile>},
    {"project", text<&cloud::project>},
    {"location", text<&cloud::location>},
    {"credentials_file", read_credentials_file},
    {"tenant_id", text<&cloud::tenant_id>},
    {"client_id", text<&cloud::client_id>},
    {"client_secret", read_client_secret},
    {"token_url", read_token_url},
    {"num_ctx", read_window},
    {"keep_alive", read_request_member},
    {"options", read_options},
    {"safety_level", read_request_member},
    {"safety_settings", read_request_member},
    {"on_oversize",
     [](field const& value, provider_draft& p) { note(value, p), value.choice(p.value.on_oversize, oversizes); }},
    {"api", [](field const& value, provider_draft& p) { note(value, p), value.choice(p.value.api, apis); }},
    {"text_calls", [](field const& value, provider_draft& p) { note(value, p), value.text(p.value.text_calls); }},
};

}  // namespace

std::span<key<provider_draft> const> special_keys() { return table; }

}  // namespace recloser::config
