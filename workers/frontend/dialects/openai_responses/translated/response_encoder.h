// Canonical events → one Response object, for clients that did not ask for a stream: the object at the end of the
// stream that they would have got.
#pragma once

#include <string>
#include <utility>

#include "workers/frontend/dialects/openai_responses/translated/event_encoder.h"

namespace patchbay::frontend::openai_responses::translated {

class ResponseEncoder {
 public:
  explicit ResponseEncoder(AnswerIdentity identity, ResponseAdditions additions = {})
      : events_(std::move(identity), std::move(additions)) {}

  // kProtocol as EventEncoder::Encode.
  Result<void> Add(const inference::v1::GenerateEvent& event) {
    unsent_.clear();
    return events_.Encode(event, unsent_);
  }
  // kProtocol when the answer has no end.
  Result<std::string> Encode() const {
    if (!events_.ended()) {
      return Error(ErrorCode::kProtocol, "the provider's answer has no end").From(Origin::kUpstream);
    }
    return events_.response();
  }

 private:
  EventEncoder events_;
  std::string unsent_;
};

}  // namespace patchbay::frontend::openai_responses::translated
