// Objects of the protocol → canonical ones: output items, usage, errors, rate-limit frames
// (codex-wire §6.1, §6.2, §6.4, §8). Used by event_decoder and error_decoder.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/inference/v1/event.pb.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::upstream::responses {

// False when `json` is no object. An item of an unknown type becomes Opaque.
bool DecodeItem(std::string_view json, inference::v1::Item& item);

// An annotation of a text (codex-wire §6.2). Of a kind that only this protocol has: Opaque. False when `json` is no
// object.
bool DecodeCitation(std::string_view json, inference::v1::Citation& citation);

// False when `json` is no object.
bool DecodeUsage(std::string_view json, inference::v1::Usage& usage);

// The tier in which an answer was served, in the provider's words.
inference::v1::Tier TierOf(std::string_view name);

// An error object, `{code,type,message,param,resets_at,…}`, in whichever family it came: members
// that are there fill the failure, others are left alone.
void DecodeErrorObject(std::string_view json, WallTime now, inference::v1::Failure& failure);

}  // namespace patchbay::upstream::responses
