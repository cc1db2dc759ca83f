// What logins read of the outside: what a person pastes, what token and device endpoints say, and another program's
// login file. The first byte chooses.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "workers/accounts/login/answer.h"
#include "workers/accounts/providers/codex/device.h"
#include "workers/accounts/providers/codex/login_file.h"
#include "workers/accounts/providers/codex/refresh_reply.h"
#include "workers/accounts/providers/standard/login.h"
#include "workers/accounts/providers/token_reply.h"

using namespace patchbay::accounts;  // a fuzz target is one page long

namespace {

constexpr patchbay::WallTime kNow{std::chrono::seconds(1787390000)};

void Must(bool true_always) {
  if (!true_always) std::abort();
}

bool IsForPeople(std::string_view text) {
  return text.size() < 1000 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

void Check(const RefreshReply& reply) {
  Must(IsForPeople(reply.evidence));
  if (reply.kind == RefreshReply::Kind::kTokens) {
    Must(!reply.access.empty() || !reply.refresh.empty());
    Must(!reply.expires_in || reply.expires_in->count() > 0);
    // Whatever the answer tells, a token that was just issued has not ended.
    const auto claims = ReadStandardClaims(reply.access.Reveal());
    const auto ends = ExpiryOfNew(claims.ok() ? *claims : TokenClaims(), reply.expires_in, kNow);
    Must(!ends || *ends > kNow);
  }
}

void Check(const DevicePoll& poll) {
  Must(IsForPeople(poll.evidence));
  if (poll.kind == DevicePoll::Kind::kCode) Must(!poll.code.empty() && !poll.verifier.empty());
  if (poll.kind == DevicePoll::Kind::kTokens) Must(!poll.tokens.access.empty());
}

// A login file with new tokens is one again, and these are what stands in it.
void CheckFile(std::string_view text) {
  const auto before = ReadAuthFile(text);
  const auto written = WriteAuthFile(text, {patchbay::Secret("at"), patchbay::Secret("rt"), {}, ""}, kNow);
  if (!before.ok()) return;
  Must(written.ok());
  const auto after = ReadAuthFile(*written);
  Must(after.ok() && after->access.Reveal() == "at" && after->refresh.Reveal() == "rt");
  Must(after->id.Reveal() == before->id.Reveal() && after->provider_account_id == before->provider_account_id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const int status = 200 + 100 * (data[1] % 4) + data[1] / 4;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 8) {
    case 0:
      if (const auto answer = ReadLoginAnswer(bytes); answer.ok()) {
        Must(answer->code.empty() != answer->error.empty());
        Must(IsForPeople(answer->error) && IsForPeople(answer->description));
        Must(answer->port >= 0 && answer->port < 65536);
      }
      break;
    case 1:
      if (const TokenReply reply = ReadTokenReply(status, bytes); reply.kind == TokenReply::Kind::kTokens)
        Must(!reply.access.empty() && IsForPeople(reply.evidence));
      break;
    case 2: Check(ReadRefreshReply(status, bytes)); break;
    case 3: Check(ReadStandardRefresh(status, bytes)); break;
    case 4: Check(ReadCodexPoll(status, bytes)); break;
    case 5: Check(ReadStandardPoll(status, bytes)); break;
    case 6:
      for (const DeviceReply& reply : {ReadCodexDevice(status, bytes), ReadStandardDevice(status, bytes)}) {
        Must(IsForPeople(reply.evidence));
        if (reply.kind == DeviceReply::Kind::kCode) Must(!reply.code.secret.empty() && reply.code.interval.count() > 0);
      }
      break;
    case 7: CheckFile(bytes); break;
  }
  return 0;
}
