#include "workers/upstream/dialects/openai_chat/error_decoder.h"

#include <string>

#include "workers/upstream/dialects/common/error_reply.h"
#include "workers/upstream/dialects/common/failure_texts.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"

namespace patchbay::upstream::openai_chat {

namespace inf = inference::v1;

void CompleteFailure(inf::Failure& failure) {
  ReadRetryInWords(failure);
  if (!failure.challenge()) failure.set_cause(CauseOfFailure(failure));
}

inf::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now) {
  inf::Failure failure = ReadErrorReply(head, body, now);
  if (HasErrorObject(body)) failure.set_body_dialect(std::string(kChatDialect));
  CompleteFailure(failure);
  return failure;
}

}  // namespace patchbay::upstream::openai_chat
