// Canonical events → the Chat Completions SSE stream (client-protocols B.4).
//
// No I/O and no clock: the same events always give the same bytes. The constant parts of a chunk are
// made once, so a text delta costs two copies and the escaping of its text.
#pragma once

#include <string>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/common/reply/flat_reader.h"
#include "workers/frontend/dialects/openai_chat/wire_format.h"

namespace patchbay::frontend::openai_chat {

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
  void OnLogprobs(const TokenLogprobs& logprobs) override { logprobs_ = LogprobsJson(logprobs); }
  void OnText(std::string_view text) override;
  void OnRefusal(std::string_view text) override;
  void OnReasoning(std::string_view text) override;
  void OnCall(int call, const inference::v1::ToolCall& tool_call) override;
  void OnCallInput(int call, inference::v1::ToolKind kind, std::string_view text) override;
  void OnCitation(const inference::v1::Citation& citation) override;
  void OnUsage(const inference::v1::Usage& usage) override;
  void OnFinished(inference::v1::FinishReason reason) override;

  // The first chunk, which carries the role. Its content is null where it is not text that begins, as OpenAI has it.
  void Begin(std::string_view content_json);
  // A chunk whose delta has one string member.
  void StringDelta(std::string_view member, std::string_view text);

  const ReplyIdentity identity_;
  const bool include_usage_;
  std::string chunk_head_;  // from "data: " to "\"delta\":{"
  std::string chunk_tail_;  // from "}" of the delta to the blank line
  std::string logprobs_;    // of the text that comes next
  inference::v1::Usage usage_;
  bool has_usage_ = false;
  bool begun_ = false;
  std::string out_;  // the caller's buffer, while a call lasts
  FlatReader reader_{*this};
};

}  // namespace patchbay::frontend::openai_chat
