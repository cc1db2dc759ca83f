// Canonical events → one `text_completion` object (client-protocols B.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "workers/frontend/dialects/common/reply/characters.h"
#include "workers/frontend/dialects/common/reply/flat_reader.h"
#include "workers/frontend/dialects/openai_completions/logprob_lists.h"
#include "workers/frontend/dialects/openai_completions/wire_format.h"

namespace patchbay::frontend::openai_completions {

class ResponseEncoder final : private FlatListener {
 public:
  explicit ResponseEncoder(ReplyIdentity identity)
      : identity_(std::move(identity)), text_(identity_.echo), characters_(CountCharacters(text_)) {}

  Result<void> Add(const inference::v1::GenerateEvent& event) { return reader_.Read(event); }
  // The object. kProtocol when the answer has not come to its end.
  Result<std::string> Encode() const;

 private:
  void OnStarted(const inference::v1::Started&) override {}
  void OnLogprobs(const TokenLogprobs& logprobs) override { logprobs_.Add(logprobs, characters_); }
  void OnText(std::string_view text) override {
    text_.append(text);
    characters_ += CountCharacters(text);
  }
  // There is one kind of text only.
  void OnRefusal(std::string_view text) override { OnText(text); }
  void OnReasoning(std::string_view) override {}
  void OnCall(int, const inference::v1::ToolCall&) override {}
  void OnCallInput(int, inference::v1::ToolKind, std::string_view) override {}
  void OnCitation(const inference::v1::Citation&) override {}
  void OnUsage(const inference::v1::Usage& usage) override { usage_ = usage; }
  void OnFinished(inference::v1::FinishReason reason) override { reason_ = reason; }

  const ReplyIdentity identity_;
  std::string text_;
  std::int64_t characters_;  // of the text
  LogprobLists logprobs_;
  std::optional<inference::v1::Usage> usage_;
  inference::v1::FinishReason reason_ = inference::v1::FINISH_REASON_UNSPECIFIED;
  FlatReader reader_{*this};
};

}  // namespace patchbay::frontend::openai_completions
