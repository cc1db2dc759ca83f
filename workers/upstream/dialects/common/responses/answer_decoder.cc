#include "workers/upstream/dialects/common/responses/answer_decoder.h"

namespace patchbay::upstream::responses {

Result<void> AnswerDecoder::Feed(std::string_view bytes, GenerateEvents& events) {
  if (form_ == Form::kEither && !seen_.IsStream(bytes)) {
    ASSIGN_OR_RETURN(const std::string_view document, document_.Feed(bytes));
    return document.empty() ? Result<void>() : decoder_.DecodeDocument(document, events);
  }
  Result<void> result;
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
    if (result.ok()) result = decoder_.Decode(event, events);
  }));
  return result;
}

}  // namespace patchbay::upstream::responses
