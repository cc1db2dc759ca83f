#include "workers/accounts/providers/copilot/login.h"

#include "lib/base/number.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999

}  // namespace

Result<TokenClaims> ReadCopilotClaims(std::string_view token) {
  // Behind the first colon stands its signature.
  std::string_view rest = token.substr(0, token.find(':'));
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!pair.starts_with("exp=")) continue;
    const auto seconds = ParseNumber<std::int64_t>(pair.substr(4));
    if (!seconds || *seconds <= 0 || *seconds > kLastSecond) break;
    TokenClaims claims;
    claims.expires_at = WallTime(std::chrono::seconds(*seconds));
    return claims;
  }
  return Error(ErrorCode::kInvalidArgument, "the token does not say when it ends");
}

RefreshReply ReadCopilotSession(int status, std::string_view body) {
  RefreshReply reply;
  const json document = wire::ParseOrNothing(body);
  reply.evidence = "session endpoint: " + std::to_string(status);
  if (status / 100 == 2) {
    reply.access = Secret(wire::TextOf(document, "token"));
    // By the clock there, and not by ours: the token's own end is as far from its making as this says.
    reply.expires_in = SecondsOf(document, "refresh_in");
    reply.kind = reply.access.empty() ? RefreshReply::Kind::kTransient : RefreshReply::Kind::kTokens;
    if (reply.access.empty()) reply.evidence += ", without a token";
    return reply;
  }
  // A 403 without these details is a limit of GitHub's API, or its doubt about a client.
  const bool not_allowed = status == 403 && wire::Member(document, "error_details").is_object();
  if (status == 401 || status == 404 || not_allowed) {
    reply.kind = RefreshReply::Kind::kPermanent;
    reply.evidence += status == 401 ? " (GitHub has ended the login)" : " (the GitHub account may not use Copilot)";
  }
  return reply;
}

}  // namespace patchbay::accounts
