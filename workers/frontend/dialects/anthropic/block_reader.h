// Canonical events → the steps of one Messages answer: blocks that open, grow and close, one after another.
//
// A stream and a whole answer are two listeners of the same steps, so what is streamed is what is collected. Blocks
// never interleave (client-protocols D.6): the item that began first is told live, and what comes about others waits
// until it is over.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/dialects/common/reply/item_sequence.h"

namespace patchbay::frontend::anthropic {

// What the request says about its answer.
struct ReplyOptions {
  bool thinking = false;        // reasoning is shown
  bool omit_thinking = false;   // its signature only
  bool count_thinking = false;  // thinking_delta has the member that a beta adds
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
  std::string explanation;    // of a refusal, where the provider gave one
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

class BlockReader final : private ItemListener {
 public:
  // `options` and `listener` outlive the reader.
  BlockReader(const ReplyOptions& options, BlockListener& listener) : options_(options), listener_(listener) {}

  // kProtocol as ItemSequence::Read, and for a call whose input is no JSON object.
  Result<void> Read(const inference::v1::GenerateEvent& event) { return items_.Read(event); }
  bool ended() const { return items_.ended(); }
  // The provider's policy has broken the answer off: what is open ends, and the refusal is the end.
  void Refuse(const std::string& explanation);

 private:
  void OnStarted(const inference::v1::Started&) override { Start(); }
  void OnText(int item, int part, std::string_view text) override { Text(item, part, text, false); }
  void OnRefusal(int item, int part, std::string_view text) override { Text(item, part, text, true); }
  void OnReasoning(int item, int part, std::string_view text) override;
  void OnCall(int item, const inference::v1::ToolCall& call) override;
  void OnCallInput(int item, std::string_view text) override;
  void OnCitation(int item, int part, const inference::v1::Citation& citation) override;
  Result<void> OnItemDone(int item, const inference::v1::Item& whole) override;
  void OnUsage(const inference::v1::Usage& usage) override { usage_ = usage; }
  void OnFinished(const inference::v1::Finished& finished) override;

  Result<void> Done(int item, const inference::v1::Item& whole);
  void DoneReasoning(const inference::v1::Item& item);
  Result<void> DoneCall();
  void DoneHosted(int item, const inference::v1::Item& whole);
  void Start();
  void Enter(int item);
  void Leave();

  void Text(int item, int part, std::string_view text, bool refusal);

  void Open(Block block);
  void Close();

  const ReplyOptions& options_;
  BlockListener& listener_;
  ItemSequence items_{*this, OneByOne::kItems};

  // Of the item that is being told.
  int item_ = -1;
  int part_ = -1;  // whose text or reasoning came last
  bool custom_call_ = false;
  std::string input_;  // of the call so far

  // The open block.
  bool block_open_ = false;
  BlockKind block_kind_ = BlockKind::kText;
  std::string block_text_;  // what a citation quotes

  bool started_ = false;
  inference::v1::Usage usage_;
  int calls_ = 0;
  int web_searches_ = 0;
  bool refused_ = false;
};

}  // namespace patchbay::frontend::anthropic
