#include "workers/accounts/pool/operator_verdict.h"

#include <google/protobuf/map_field.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "lib/base/check.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/time/proto_time.h"

namespace patchbay::accounts {
namespace {

struct Meaning {
  std::string_view word;
  Fault fault;
  Effect effect;
  Elsewhere elsewhere;
};
// The words of config.proto (`one_of`).
constexpr Meaning kMeanings[] = {
    {"stop", Fault::kRequest, Effect::kNone, Elsewhere::kNo},
    {"elsewhere", Fault::kPath, Effect::kNone, Elsewhere::kOther},
    {"throttle", Fault::kAccount, Effect::kThrottle, Elsewhere::kOther},
    {"exhaust", Fault::kAccount, Effect::kExhaust, Elsewhere::kOther},
    {"refresh", Fault::kAccount, Effect::kRefresh, Elsewhere::kOther},
    {"ban", Fault::kAccount, Effect::kBan, Elsewhere::kOther},
};

}  // namespace

bool OperatorVerdict::Matches(const std::string& of_provider, const FailureFacts& failure) const {
  const bool answered = failure.http_status != 0 || failure.stage == Stage::kReported;
  if (!answered || failure.stage == Stage::kStream || failure.challenge) return false;
  if (!provider.empty() && provider != of_provider) return false;
  if (failure.http_status < status_min || failure.http_status > status_max) return false;
  if (!code.empty() && code != failure.code && code != failure.type) return false;
  return says.empty() || LowerCase(failure.message).find(says) != std::string::npos;
}

std::vector<OperatorVerdict> OperatorVerdictsOf(const config::v1::Accounts& config) {
  const std::map<std::string, config::v1::VerdictRow> rows(config.verdicts().begin(), config.verdicts().end());
  std::vector<OperatorVerdict> verdicts;
  for (const auto& [name, row] : rows) {
    const auto meaning = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                      [&row = row](const Meaning& each) { return each.word == row.means(); });
    PATCHBAY_CHECK(meaning != std::end(kMeanings));
    OperatorVerdict verdict;
    verdict.name = name;
    verdict.provider = row.provider();
    if (const auto range = ParseRange<int>(row.status())) {
      std::tie(verdict.status_min, verdict.status_max) = *range;
    }
    verdict.code = row.code();
    verdict.says = LowerCase(row.says());
    verdict.fault = meaning->fault;
    verdict.effect = meaning->effect;
    verdict.elsewhere = meaning->elsewhere;
    verdict.evidence = row.strong() ? Evidence::kStrong : Evidence::kWeak;
    verdict.rest = ToMilliseconds(row.rest());
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace patchbay::accounts
