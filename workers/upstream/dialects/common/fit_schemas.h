// The schemas of a request as the validators of providers take them. Pure.
#pragma once

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/common/fit_request.h"
#include "workers/upstream/dialects/common/limits.h"

namespace patchbay::upstream {

// Tools and the answer's format. Strictness that cannot be had is left out and named; `plan` remembers how an answer's
// shape changes. Errors: kInvalidArgument for what is no JSON object.
Result<void> FitSchemas(inference::v1::GenerateRequest& request, SchemaRules rules, AnswerPlan& plan, FitNotes& notes);

}  // namespace patchbay::upstream
