// Watches an answer that passes byte for byte, a stream or a document: which id and model, how it ended, what it used.
//
// Of a stream only the chunks that tell this are read; one with a delta costs a search for a few words. A chunk that
// has begun is held back until it is whole, for any may hold an error, and clients can do nothing with a part of one.
#pragma once

#include <string_view>

#include "lib/wire/sse.h"
#include "workers/upstream/dialects/common/unfinished_event.h"
#include "workers/upstream/dialects/common/whole_answer.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/openai_chat/chunk_decoder.h"

namespace patchbay::upstream::openai_chat {

class ChatResponseObserver final : public ResponseObserver {
 public:
  Result<void> Feed(std::string_view bytes) override;
  Result<void> End() override;
  std::size_t may_be_error() const override { return unfinished_.bytes(); }
  const ResponseSummary& summary() const override { return decoder_.summary(); }

 private:
  Result<void> FeedStream(std::string_view bytes);

  AnswerForm form_;
  WholeAnswer document_;
  wire::SseParser parser_;
  UnfinishedEvent unfinished_;
  ChunkDecoder decoder_;
  GenerateEvents scratch_;
};

}  // namespace patchbay::upstream::openai_chat
