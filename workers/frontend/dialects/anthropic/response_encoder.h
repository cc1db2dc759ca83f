// Canonical events → one `message` object (client-protocols D.5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workers/frontend/dialects/anthropic/block_reader.h"
#include "workers/frontend/dialects/anthropic/wire_format.h"

namespace patchbay::frontend::anthropic {

class ResponseEncoder final : private BlockListener {
 public:
  ResponseEncoder(ReplyIdentity identity, ReplyOptions options)
      : identity_(std::move(identity)), options_(std::move(options)) {}

  Result<void> Add(const inference::v1::GenerateEvent& event) { return reader_.Read(event); }
  bool ended() const { return reader_.ended(); }
  // The object. kProtocol when the answer has not come to its end.
  Result<std::string> Encode() const;

 private:
  struct WholeBlock {
    Block block;
    std::string text;  // text, thinking or input
    std::string signature;
    std::vector<std::string> citations;
  };

  void OnStarted() override {}
  void OnBlock(const Block& block) override;
  void OnDelta(DeltaKind kind, std::string_view text) override;
  void OnBlockEnd() override;
  void OnFinished(const Ending& ending) override { ending_ = ending; }

  static void AppendBlock(std::string& out, const WholeBlock& whole);

  const ReplyIdentity identity_;
  const ReplyOptions options_;
  std::vector<WholeBlock> blocks_;
  std::optional<Ending> ending_;
  BlockReader reader_{options_, *this};
};

}  // namespace patchbay::frontend::anthropic
