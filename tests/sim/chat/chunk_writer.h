// Writes the chunks of Chat Completions (client-protocols B.4) as bytes with marks. Each part of an answer is one call;
// the family of the model says where reasoning stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/answer.h"
#include "tests/sim/chat/models.h"
#include "tests/sim/pace.h"
#include "tests/sim/script.h"

namespace patchbay::sim {

class ChunkWriter final : public PacedScript {
 public:
  ChunkWriter(const Facts& facts, const ApiModel& model, const Scenario& scenario);

  // The chunk with the role.
  void Start();
  void Text(const std::vector<std::string>& deltas, bool stamp = false);
  void Refusal(const std::vector<std::string>& deltas);
  void Reasoning(const std::vector<std::string>& deltas);
  // One call, its arguments or input in pieces of that size.
  void Call(const OfferedTool& tool, std::string_view input, std::size_t piece);
  // The last chunk with a choice, usage where it is told, and [DONE].
  void End(std::string_view reason, long long output_tokens, long long reasoning_tokens);

 private:
  void WriteFailure() override;
  void WriteUnknown() override;
  void WriteBroken() override;
  // Opens a chunk up to its delta's first member; Close ends the delta, the choice and the chunk.
  std::string& Open();
  void Close(std::string_view finish_reason = {});
  void Quote(std::string& out, std::string_view text) const;
  void AppendLogprobs(std::string& out, std::string_view token) const;
  void AppendUsage(std::string& out) const;
  std::string CallId() const;

  const Facts& facts_;
  const ApiModel& model_;
  ReasoningForm form_;
  bool usage_asked_ = false;
  bool usage_in_last_ = false;
  std::string tier_;  // in which it says that it served
  bool logprobs_ = false;
  bool done_ = true;  // [DONE] is said
  int calls_ = 0;
  std::string token_;  // of the chunk being written, for its log probability
  long long output_tokens_ = 0;
  long long reasoning_tokens_ = 0;
};

}  // namespace patchbay::sim
