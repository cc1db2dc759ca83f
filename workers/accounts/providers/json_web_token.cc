#include "workers/accounts/providers/json_web_token.h"

#include "lib/base/encoding.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTokenBytes = 64 * 1024;
constexpr std::int64_t kLatestSeconds = 253402300799;  // the end of the year 9999

std::optional<WallTime> TimeOf(const json& payload, const char* claim) {
  const double time = wire::NumberOf(wire::Member(payload, claim)).value_or(0);
  if (!(time > 0) || time >= static_cast<double>(kLatestSeconds)) return std::nullopt;
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(time)));
}

}  // namespace

Result<json> ReadTokenPayload(std::string_view token) {
  const Error no_token(ErrorCode::kInvalidArgument, "not a JSON web token");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kMaxTokenBytes || second == std::string_view::npos) return no_token;
  const auto payload = Base64UrlDecode(token.substr(first + 1, second - first - 1));
  if (!payload.ok()) return no_token;
  json document = wire::ParseOrNothing(*payload);
  if (!document.is_object()) return no_token;
  return document;
}

std::optional<WallTime> ExpiryOf(const json& payload) { return TimeOf(payload, "exp"); }
std::optional<WallTime> IssueOf(const json& payload) { return TimeOf(payload, "iat"); }

}  // namespace patchbay::accounts
