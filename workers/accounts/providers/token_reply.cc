#include "workers/accounts/providers/token_reply.h"

#include <algorithm>

#include "lib/base/number.h"
#include "lib/base/text.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxCodeBytes = 64;
constexpr std::int64_t kMaxSeconds = 10LL * 365 * 86400;

}  // namespace

std::string RefusalCode(const json& document) {
  const json& error = wire::Member(document, "error");
  std::string code = error.is_string() ? wire::TextOf(error) : wire::TextOf(error, "code");
  if (code.empty()) code = wire::TextOf(document, "code");
  const bool plain = std::all_of(code.begin(), code.end(),
                                 [](char c) { return IsLetterOrDigit(c) || c == '_' || c == '-' || c == '.'; });
  return plain && code.size() <= kMaxCodeBytes ? code : std::string();
}

std::optional<std::chrono::seconds> SecondsOf(const json& object, const char* key) {
  const json& member = wire::Member(object, key);
  std::int64_t seconds = 0;
  if (member.is_number()) {
    const double number = member.get<double>();
    if (!(number > 0) || number > static_cast<double>(kMaxSeconds)) return std::nullopt;
    seconds = static_cast<std::int64_t>(number);
  } else {
    seconds = ParseNumber<std::int64_t>(wire::TextOf(member)).value_or(0);
  }
  if (seconds <= 0 || seconds > kMaxSeconds) return std::nullopt;
  return std::chrono::seconds(seconds);
}

TokenReply ReadTokenReply(int status, std::string_view body) {
  TokenReply reply;
  const json document = wire::ParseOrNothing(body);
  reply.code = RefusalCode(document);
  reply.evidence = "token endpoint: " + std::to_string(status) + (reply.code.empty() ? "" : " " + reply.code);
  // Some answer 200 and say in the body that it is a refusal.
  if (status / 100 == 2 && reply.code.empty()) {
    reply.access = Secret(wire::TextOf(document, "access_token"));
    reply.refresh = Secret(wire::TextOf(document, "refresh_token"));
    reply.id = Secret(wire::TextOf(document, "id_token"));
    reply.expires_in = SecondsOf(document, "expires_in");
    reply.kind = reply.access.empty() ? TokenReply::Kind::kTransient : TokenReply::Kind::kTokens;
    if (reply.access.empty()) reply.evidence += ", without an access token";
    return reply;
  }
  const bool later = status >= 500 || status == 408 || status == 429;
  reply.kind = later ? TokenReply::Kind::kTransient : TokenReply::Kind::kRefused;
  return reply;
}

}  // namespace patchbay::accounts
