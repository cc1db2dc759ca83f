// The body of an answer: a stream of events; or, from a host that was asked for one and does not stream, the Response
// itself. Pure.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "lib/wire/sse.h"
#include "workers/upstream/dialects/common/responses/event_decoder.h"
#include "workers/upstream/dialects/common/whole_answer.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::responses {

class AnswerDecoder final : public ResponseDecoder {
 public:
  enum class Form { kStream, kEither };

  // `extras` must outlive it.
  AnswerDecoder(WallTime now, const Extras& extras, Form form) : form_(form), decoder_(now, extras) {}
  Result<void> Feed(std::string_view bytes, GenerateEvents& events) override;
  const ResponseSummary& summary() const override { return decoder_.summary(); }

 private:
  const Form form_;
  AnswerForm seen_;
  wire::SseParser parser_;
  WholeAnswer document_;
  EventDecoder decoder_;
};

}  // namespace patchbay::upstream::responses
