// A call in a provider's dialect, out and back: the dialect says what its provider takes (common/limits.h), the request
// is made to fit, encoded, and the answer is given back what was taken. Every dialect is used through this.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

struct EncodedCall {
  std::string body;
  // Canonical fields that the provider has no place for, and what of the request had to be changed; the client is told.
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  // For the answer; null when there is nothing to undo in it.
  std::shared_ptr<const AnswerPlan> plan;
};

// Changes `request` until it fits. Errors are the client's, and name the place.
Result<EncodedCall> EncodeCall(const Dialect& dialect, inference::v1::GenerateRequest& request,
                               std::string_view session);
// Without a plan it is the dialect's own decoder: nothing stands between it and the events.
std::unique_ptr<ResponseDecoder> DecoderFor(const Dialect& dialect, std::shared_ptr<const AnswerPlan> plan,
                                            WallTime now);

}  // namespace patchbay::upstream
