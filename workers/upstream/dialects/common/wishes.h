// Wishes that not every provider has a place for, and how much a model should think. Pure.
#pragma once

#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/fit_request.h"
#include "workers/upstream/dialects/common/limits.h"

namespace patchbay::upstream {

// Leaves out what is not among `takes`, and names it.
void FitWishes(inference::v1::GenerateRequest& request, const Wishes& takes, FitNotes& notes);

// Says it as the provider takes it. An effort in words wins over a budget (client-protocols G.4).
void FitThinking(Thinking takes, inference::v1::Reasoning& reasoning);

}  // namespace patchbay::upstream
