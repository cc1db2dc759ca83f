// Canonical events → the parts of one Gemini answer.
//
// Text and thoughts come as they are said; a call comes when it is whole, because its arguments are an object;
// reasoning that only the provider can read becomes the signature of the first call that follows it, as Google has it:
// some clients keep no other (real-clients §7.5). Without a call it is told at the end. A stream and a whole answer are
// two listeners of the same parts, so what is streamed is what is collected.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/dialects/common/reply/flat_reader.h"
#include "workers/frontend/dialects/common/reply/logprobs.h"
#include "workers/frontend/dialects/gemini/grounding.h"
#include "workers/frontend/dialects/gemini/wire_format.h"

namespace patchbay::frontend::gemini {

class PartListener {
 public:
  virtual ~PartListener() = default;
  // Of the tokens of the part that is told next, which is text.
  virtual void OnLogprobs(const TokenLogprobs& logprobs) = 0;
  virtual void OnPart(ReplyPart part) = 0;
  virtual void OnEnd(const ReplyEnd& end) = 0;
};

class PartReader final : private FlatListener {
 public:
  // Both outlive the reader.
  PartReader(const ReplyIdentity& identity, PartListener& listener) : identity_(identity), listener_(listener) {}

  // kProtocol as FlatReader::Read.
  Result<void> Read(const inference::v1::GenerateEvent& event) { return reader_.Read(event); }
  bool ended() const { return reader_.ended(); }

 private:
  void OnStarted(const inference::v1::Started&) override {}
  void OnLogprobs(const TokenLogprobs& logprobs) override;
  void OnText(std::string_view text) override;
  void OnRefusal(std::string_view text) override;
  void OnReasoning(std::string_view text) override;
  void OnCall(int, const inference::v1::ToolCall&) override {}
  void OnCallInput(int, inference::v1::ToolKind, std::string_view) override {}
  void OnItemDone(const inference::v1::Item& item) override;
  void OnCitation(const inference::v1::Citation& citation) override;
  void OnUsage(const inference::v1::Usage& usage) override { end_.usage = usage; }
  void OnFinished(inference::v1::FinishReason reason) override;

  void TellCall(const inference::v1::ToolCall& call);
  void TellImage(const inference::v1::GeneratedImage& image);
  std::string TakeSignature();

  const ReplyIdentity& identity_;
  PartListener& listener_;
  std::vector<inference::v1::Item> reasoning_;  // said, and not in a signature yet
  std::string held_;                            // a word of an enum, until it is whole
  TokenLogprobs held_logprobs_;                 // of its tokens, as the provider wrote it
  double logprob_sum_ = 0;
  int logprob_count_ = 0;
  Grounding grounding_;
  bool refused_ = false;
  std::string malformed_call_;  // its name
  ReplyEnd end_;
  FlatReader reader_{*this};
};

}  // namespace patchbay::frontend::gemini
