// The provider's answer to a `compaction_trigger` → what `POST /responses/compact` returns (codex-wire §11.1): the
// user's own messages, then the one item that stands for everything else.
#pragma once

#include <string>
#include <string_view>

#include "workers/frontend/dialects/openai_responses/relay/response_encoder.h"

namespace patchbay::frontend::openai_responses {

class CompactionEncoder {
 public:
  // `input`: the items that were to be compacted.
  explicit CompactionEncoder(ItemsJson input) : input_(std::move(input)) {}

  Result<bool> Add(std::string_view bytes) { return response_.Add(bytes); }
  // {"id","object":"response.compaction","created_at","output","usage"}. kProtocol unless the answer had exactly one
  // `compaction` item.
  Result<std::string> Encode() const;

 private:
  const ItemsJson input_;
  ResponseEncoder response_;
};

}  // namespace patchbay::frontend::openai_responses
