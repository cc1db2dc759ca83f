// A canonical request → the same request as a provider takes it. What is done here is undone in the answer
// (answer_restorer.h) or told to the client. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/common/ignored.h"
#include "workers/upstream/dialects/common/limits.h"

namespace patchbay::upstream {

// What the client is told.
struct FitNotes {
  // Canonical fields that changed nothing, by their path below the request ("tools.strict"), those of sampling by their
  // own name ("top_k"); the client's dialect knows its own names of them. Each is named once.
  std::vector<std::string> ignored;
  // Repairs, each in a word that a header can hold: "tool_schema:NAME".
  std::vector<std::string> repaired;

  void Ignore(std::string_view field) { AddIgnored(ignored, field); }
};

struct Fitted {
  FitNotes notes;
  // Null: the answer is the client's as it comes.
  std::shared_ptr<const AnswerPlan> plan;
};

// Changes `request` in place: a conversation of megabytes is not copied for two names. Errors are the client's, and
// name the place.
Result<Fitted> FitRequest(inference::v1::GenerateRequest& request, const RequestLimits& limits);

}  // namespace patchbay::upstream
