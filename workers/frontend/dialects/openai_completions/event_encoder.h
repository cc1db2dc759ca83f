// Canonical events → the legacy Completions SSE stream (client-protocols B.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/common/reply/flat_reader.h"
#include "workers/frontend/dialects/openai_completions/logprob_lists.h"
#include "workers/frontend/dialects/openai_completions/wire_format.h"

namespace patchbay::frontend::openai_completions {

class EventEncoder final : private FlatListener {
 public:
  EventEncoder(ReplyIdentity identity, bool include_usage);

  // Appends the chunks that `event` causes, `[DONE]` included. kProtocol as FlatReader::Read.
  Result<void> Encode(const inference::v1::GenerateEvent& event, std::string& out);
  // Ends the stream with an error object, and without `[DONE]`: nothing is invented.
  void EncodeBreak(const Problem& problem, std::string& out);
  bool ended() const { return reader_.ended(); }

 private:
  void OnStarted(const inference::v1::Started& started) override;
  void OnLogprobs(const TokenLogprobs& logprobs) override { logprobs_.Add(logprobs, characters_); }
  void OnText(std::string_view text) override;
  // There is one kind of text only.
  void OnRefusal(std::string_view text) override { OnText(text); }
  void OnReasoning(std::string_view) override {}
  void OnCall(int, const inference::v1::ToolCall&) override {}
  void OnCallInput(int, inference::v1::ToolKind, std::string_view) override {}
  void OnCitation(const inference::v1::Citation&) override {}
  void OnUsage(const inference::v1::Usage& usage) override { usage_ = usage; }
  void OnFinished(inference::v1::FinishReason reason) override;

  const ReplyIdentity identity_;
  const bool include_usage_;
  std::string chunk_head_;       // from "data: " to the choices
  std::int64_t characters_ = 0;  // of the text so far
  LogprobLists logprobs_;        // of the text that comes next
  std::optional<inference::v1::Usage> usage_;
  std::string out_;  // the caller's buffer, while a call lasts
  FlatReader reader_{*this};
};

}  // namespace patchbay::frontend::openai_completions
