// Canonical events → one `chat.completion` object (client-protocols B.3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workers/frontend/dialects/common/reply/flat_reader.h"
#include "workers/frontend/dialects/openai_chat/wire_format.h"

namespace patchbay::frontend::openai_chat {

class ResponseEncoder final : private FlatListener {
 public:
  explicit ResponseEncoder(ReplyIdentity identity) : identity_(std::move(identity)) {}

  Result<void> Add(const inference::v1::GenerateEvent& event) { return reader_.Read(event); }
  bool ended() const { return reader_.ended(); }
  // The object. kProtocol when the answer has not come to its end.
  Result<std::string> Encode() const;

 private:
  struct Call {
    std::string id, name, input;
    bool custom = false;
  };

  void OnStarted(const inference::v1::Started&) override {}
  void OnLogprobs(const TokenLogprobs& logprobs) override {
    logprobs_.append(logprobs_.empty() ? "" : ",").append(LogprobsJson(logprobs));
  }
  void OnText(std::string_view text) override { text_.append(text); }
  void OnRefusal(std::string_view text) override { refusal_.append(text); }
  void OnReasoning(std::string_view text) override { reasoning_.append(text); }
  void OnCall(int call, const inference::v1::ToolCall& tool_call) override;
  void OnCallInput(int call, inference::v1::ToolKind kind, std::string_view text) override;
  void OnCitation(const inference::v1::Citation& citation) override;
  void OnUsage(const inference::v1::Usage& usage) override { usage_ = usage; }
  void OnFinished(inference::v1::FinishReason reason) override { reason_ = reason; }

  const ReplyIdentity identity_;
  std::string text_, refusal_, reasoning_;
  std::string logprobs_;  // objects, separated by commas
  std::vector<Call> calls_;
  std::vector<std::string> annotations_;
  std::optional<inference::v1::Usage> usage_;
  inference::v1::FinishReason reason_ = inference::v1::FINISH_REASON_UNSPECIFIED;
  FlatReader reader_{*this};
};

}  // namespace patchbay::frontend::openai_chat
