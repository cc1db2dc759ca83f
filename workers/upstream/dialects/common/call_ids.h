// The ids by which results find their calls, in a form that the provider takes.
//
// Clients bring ids that another provider made, longer than OpenAI's 64 bytes or of other characters, and ids that
// repeat in every turn, since whoever answered first counted from zero. Results stay with their calls: of several open
// calls of one id the first answer is the first call's. The same history always gets the same ids.
#pragma once

#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/common/limits.h"

namespace patchbay::upstream {

// `plan` remembers the ids that changed.
void FitCallIds(inference::v1::GenerateRequest& request, const RequestLimits& limits, AnswerPlan& plan);

}  // namespace patchbay::upstream
