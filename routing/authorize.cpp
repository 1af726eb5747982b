#include "routing/authorize.hpp"

namespace recloser::routing {

namespace {

constexpr std::pair<std::string_view, std::string_view> signed_headers[] = {{"content-type", "application/json"}};

/// AWS Signature Version 4 over the request as it is sent.
std::string sign(attempt const& one, providers::aws_keys const& keys, std::string_view path,
                 std::span<std::string_view const> body) {
  std::string const whole = one.where.base_path + std::string(path);
  auto const mark = whole.find('?');
  providers::aws_request request;
  request.host = one.where.origin.authority;
  request.path = std::string_view(whole).substr(0, mark);
  if (mark != std::string::npos) request.query = std::string_view(whole).substr(mark + 1);
  request.headers = signed_headers;
  request.body = body;
  providers::aws_signer signer(keys, one.provider.region, "bedrock");
  auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::string lines;
  for (auto const& [name, value] : signer.sign(request, now)) lines.append(name).append(": ").append(value).append("\r\n");
  return lines;
}

}  // namespace

net::task<chat::result<authorization>> authorize(attempt const& one, std::string_view path,
                                                 std::span<std::string_view const> body) {
  auto const got = co_await one.who.fetched->get(one.worker.loop, one.worker.pool, *one.client.scope);
  if (!got) co_return got.error();
  fetched_credential::value const& value = **got;
  authorization made;
  if (auto const* const token = std::get_if<fetched_credential::access_token>(&value)) {
    made.lines = "authorization: Bearer " + token->text + "\r\n";
    made.project = token->project;
  } else {
    made.lines = sign(one, std::get<providers::aws_keys>(value), path, body);
  }
  co_return made;
}

}  // namespace recloser::routing
