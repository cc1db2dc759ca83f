// Tools as functions of a JSON object, for providers that have nothing else: tools of free text take their text in a
// member, and tools in namespaces are called by one name. plain_calls.h gives the answer's calls back. Pure.
#pragma once

#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/common/fit_request.h"
#include "workers/upstream/dialects/common/limits.h"

namespace patchbay::upstream {

// Changes tools, calls, results and the choice. `plan` remembers what was what. A grammar that nobody holds the model
// to any more is named in the notes; the model is told it.
void FitToolKinds(inference::v1::GenerateRequest& request, const RequestLimits& limits, AnswerPlan& plan,
                  FitNotes& notes);

}  // namespace patchbay::upstream
