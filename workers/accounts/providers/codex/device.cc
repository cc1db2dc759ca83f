#include "workers/accounts/providers/codex/device.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

bool IsForLater(int status) { return status >= 500 || status == 408 || status == 429; }

std::string EvidenceOf(int status, const json& document) {
  const std::string code = RefusalCode(document);
  return "device endpoint: " + std::to_string(status) + (code.empty() ? "" : " " + code);
}

}  // namespace

TokenRequest AskCodexDevice(const catalog::v1::OAuth& oauth) {
  return WriteTokenRequest("json", {{"client_id", oauth.client_id()}});
}

DeviceReply ReadCodexDevice(int status, std::string_view body) {
  DeviceReply reply;
  const json document = wire::ParseOrNothing(body);
  reply.evidence = EvidenceOf(status, document);
  if (status / 100 != 2) {
    reply.kind = IsForLater(status) ? DeviceReply::Kind::kTransient : DeviceReply::Kind::kRefused;
    if (status == 404) reply.evidence += " (logging in by a device's code is not enabled for the workspace)";
    return reply;
  }
  reply.code.secret = Secret(wire::TextOf(document, "device_auth_id"));
  reply.code.user_code = wire::TextOf(document, "user_code");
  if (reply.code.user_code.empty()) reply.code.user_code = wire::TextOf(document, "usercode");
  reply.code.interval = SecondsOf(document, "interval").value_or(reply.code.interval);
  const bool whole = !reply.code.secret.empty() && !reply.code.user_code.empty();
  reply.kind = whole ? DeviceReply::Kind::kCode : DeviceReply::Kind::kTransient;
  if (!whole) reply.evidence += ", without a code";
  return reply;
}

TokenRequest PollCodexDevice(const catalog::v1::OAuth&, const DeviceCode& code) {
  return WriteTokenRequest("json", {{"device_auth_id", code.secret.Reveal()}, {"user_code", code.user_code}});
}

DevicePoll ReadCodexPoll(int status, std::string_view body) {
  DevicePoll poll;
  const json document = wire::ParseOrNothing(body);
  poll.evidence = EvidenceOf(status, document);
  if (status == 403 || status == 404) {
    poll.kind = DevicePoll::Kind::kPending;
  } else if (status / 100 == 2) {
    poll.code = Secret(wire::TextOf(document, "authorization_code"));
    poll.verifier = Secret(wire::TextOf(document, "code_verifier"));
    const bool whole = !poll.code.empty() && !poll.verifier.empty();
    poll.kind = whole ? DevicePoll::Kind::kCode : DevicePoll::Kind::kTransient;
    if (!whole) poll.evidence += ", without a code";
  } else {
    poll.kind = IsForLater(status) ? DevicePoll::Kind::kTransient : DevicePoll::Kind::kRefused;
  }
  return poll;
}

}  // namespace patchbay::accounts
