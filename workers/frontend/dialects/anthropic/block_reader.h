// Canonical events → the steps of one Messages answer: blocks that open, grow and close, one after another.
//
//   kIdle ──Started──▶ kOpen ──Finished──▶ kEnded
//
// A stream and a whole answer are two listeners of the same steps, so what is streamed is what is collected. Blocks
// never interleave (client-protocols D.6), while a provider's items may: the item that began first is told live, and
// what comes about later ones waits until it is over.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/dialects/common/reply/stop_scanner.h"
#include "workers/frontend/dialects/common/request/tool_names.h"

namespace patchbay::frontend::anthropic {

// What the request says about its answer.
struct ReplyOptions {
  bool thinking = false;       // reasoning is shown
  bool omit_thinking = false;  // its signature only
  std::vector<std::string> stops;
  ToolNames names;
  std::string restore_schema;  // the client's own, where the provider answers to another (strict_schema.h)
};

enum class BlockKind { kText, kThinking, kRedactedThinking, kToolUse, kServerToolUse, kWebSearchResult };

struct Block {
  BlockKind kind = BlockKind::kText;
  std::string id;    // of a tool's use; of a search's result the id of its use
  std::string name;  // of the tool
  std::string data;  // what is redacted; the JSON array of a search's results
};

enum class DeltaKind { kText, kThinking, kSignature, kInputJson, kCitation };

struct Ending {
  std::string_view stop_reason;
  std::string stop_sequence;  // empty unless that was the reason
  inference::v1::Usage usage;
  int web_searches = 0;
};

class BlockListener {
 public:
  virtual ~BlockListener() = default;
  virtual void OnStarted() = 0;
  // Deltas that follow are of this block, until OnBlockEnd.
  virtual void OnBlock(const Block& block) = 0;
  virtual void OnDelta(DeltaKind kind, std::string_view text) = 0;
  virtual void OnBlockEnd() = 0;
  virtual void OnFinished(const Ending& ending) = 0;
};

class BlockReader {
 public:
  // More items than any answer has, and more than a provider may tell of later ones before the first is over.
  static constexpr int kMaxItems = 4096;
  static constexpr std::size_t kMaxWaitingBytes = 32 * 1024 * 1024;

  // `options` and `listener` outlive the reader.
  BlockReader(const ReplyOptions& options, BlockListener& listener)
      : options_(options), listener_(listener), stops_(options.stops) {}

  // An event that cannot happen in the current phase, or a call whose input is no JSON, is its producer's fault and
  // comes back as kProtocol.
  Result<void> Read(const inference::v1::GenerateEvent& event);
  bool ended() const { return phase_ == Phase::kEnded; }

 private:
  enum class Phase { kIdle, kOpen, kEnded };

  Result<void> ReadItem(int index, const inference::v1::GenerateEvent& event);
  Result<void> Tell(const inference::v1::GenerateEvent& event);
  Result<void> Done(const inference::v1::Item& item);
  void DoneMessage(const inference::v1::Message& message);
  void DoneReasoning(const inference::v1::Item& item);
  Result<void> DoneCall(const inference::v1::ToolCall& call);
  void DoneHosted(const inference::v1::Item& item);
  void NextItem();

  void Text(int part, std::string_view text, bool refusal);
  void ShowText(std::string_view text);
  void Reasoning(int part, std::string_view text);
  void BeginCall(const inference::v1::ToolCall& call);
  void CallInput(std::string_view text);
  void Cite(std::string_view annotation);

  void Open(Block block);
  void Close();
  Result<void> Finish(inference::v1::FinishReason reason);

  const ReplyOptions& options_;
  BlockListener& listener_;
  Phase phase_ = Phase::kIdle;
  StopScanner stops_;

  int current_ = 0;  // the item being told
  std::map<int, std::vector<inference::v1::GenerateEvent>> waiting_;
  std::size_t waiting_bytes_ = 0;

  // Of the current item.
  int part_ = -1;               // whose text or reasoning came last
  std::size_t told_bytes_ = 0;  // of text and refusal, or of reasoning
  bool call_begun_ = false;
  bool custom_call_ = false;
  std::string input_;  // of the call so far
  std::string held_;   // text that is told when it is whole

  // The open block.
  bool block_open_ = false;
  BlockKind block_kind_ = BlockKind::kText;
  std::string block_text_;  // what a citation quotes

  inference::v1::Usage usage_;
  int calls_ = 0;
  int web_searches_ = 0;
  bool refused_ = false;
};

}  // namespace patchbay::frontend::anthropic
