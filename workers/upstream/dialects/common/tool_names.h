// Tool names that the provider would refuse, made acceptable wherever they stand in a request.
//
// Anthropic's clients may use 128 characters (an MCP server's prefix alone can have 50), Google's also '.' and ':';
// OpenAI takes 64 of [A-Za-z0-9_-].
#pragma once

#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/common/limits.h"

namespace patchbay::upstream {

// `plan` remembers the names that changed.
void FitToolNames(inference::v1::GenerateRequest& request, const IdentifierRule& rule, AnswerPlan& plan);

}  // namespace patchbay::upstream
