// How much the model says and in which format → `text`. Used by request_encoder.
#pragma once

#include "lib/base/result.h"
#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::upstream::responses {

// Nothing where the request says nothing of it. kInvalidArgument for a schema that is no JSON object.
Result<void> WriteText(wire::JsonWriter& json, const inference::v1::GenerateRequest& request);

}  // namespace patchbay::upstream::responses
