// Canonical events → one GenerateContentResponse (client-protocols E.5).
#pragma once

#include <string>
#include <vector>

#include "workers/frontend/dialects/gemini/part_reader.h"
#include "workers/frontend/dialects/gemini/wire_format.h"

namespace patchbay::frontend::gemini {

class ResponseEncoder final : private PartListener {
 public:
  explicit ResponseEncoder(ReplyIdentity identity) : identity_(std::move(identity)) {}

  Result<void> Add(const inference::v1::GenerateEvent& event) { return reader_.Read(event); }
  bool ended() const { return reader_.ended(); }
  // The object. kProtocol when the answer has not come to its end.
  Result<std::string> Encode() const;

 private:
  void OnLogprobs(const TokenLogprobs& logprobs) override { logprobs_.MergeFrom(logprobs); }
  void OnPart(ReplyPart part) override;
  void OnEnd(const ReplyEnd& end) override;

  const ReplyIdentity identity_;
  std::vector<ReplyPart> parts_;
  TokenLogprobs logprobs_;
  ReplyEnd end_;
  PartReader reader_{identity_, *this};
};

}  // namespace patchbay::frontend::gemini
