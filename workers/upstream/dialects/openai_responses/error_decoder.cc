#include "workers/upstream/dialects/openai_responses/error_decoder.h"

#include <string>

#include "workers/upstream/dialects/common/error_reply.h"
#include "workers/upstream/dialects/common/failure_texts.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"

namespace patchbay::upstream::openai_responses {

inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now) {
  inference::v1::Failure failure = ReadErrorReply(head, body, now);
  if (HasErrorObject(body)) failure.set_body_dialect(std::string(responses::kRawDialect));
  if (!failure.challenge()) failure.set_cause(CauseOfFailure(failure));
  return failure;
}

}  // namespace patchbay::upstream::openai_responses
