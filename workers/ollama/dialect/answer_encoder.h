// Canonical events → the lines of /api/chat and /api/generate, or their one object (client-protocols §F.3, §F.4).
//
//   kOpen ──Finished──▶ kFinished ──Finish──▶ kEnded
//     └────Failed─────▶ kFailed
//
// No I/O and no clock: the same events at the same times always give the same bytes. The constant parts of a line are
// made once.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/ollama/dialect/asked.h"
#include "workers/ollama/dialect/timestamp.h"

namespace patchbay::ollama {

enum class Endpoint { kChat, kGenerate };

// As they were measured.
struct Durations {
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds load{0};         // until the provider took the call
  std::chrono::nanoseconds prompt_eval{0};  // from there to the first output
  std::chrono::nanoseconds eval{0};         // from there to the end
};

// The answer to a request that only loads a model, or unloads it.
std::string EncodeLoadAnswer(Endpoint endpoint, std::string_view model, bool unloads, WallNanos now);

class AnswerEncoder {
 public:
  AnswerEncoder(Endpoint endpoint, const Asked& asked);

  // Appends the lines that `event` causes; without `stream` it only gathers. kProtocol for an event after the end.
  Result<void> Encode(const inference::v1::GenerateEvent& event, WallNanos now, std::string& out);
  // The last line, or the whole object. Only when `finished`.
  void Finish(const Durations& durations, WallNanos now, std::string& out);

  bool has_output() const { return has_output_; }
  bool finished() const { return phase_ == Phase::kFinished; }
  // What the provider said when it broke off.
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  enum class Phase { kOpen, kFinished, kFailed, kEnded };

  void OnText(int item, int part, std::string_view text,
              const google::protobuf::RepeatedPtrField<inference::v1::TokenLogprob>* logprobs, std::string& out);
  void OnThinking(int item, int part, std::string_view text, std::string& out);
  void OnItemDone(const inference::v1::ItemDone& done, std::string& out);
  void OnCall(const inference::v1::ToolCall& call, std::string& out);

  void Line(std::string_view content, std::string_view thinking, std::string_view logprobs_json, std::string& out);
  void Begin(std::string& out);
  // Whether a delta of that part came; of parts that come one after another it is the last one that is asked for.
  bool Told(int item, int part) const;
  void NoteTold(int item, int part);

  const Endpoint endpoint_;
  const bool stream_;
  const bool show_thinking_;
  const bool keeps_context_;
  std::vector<Turn> turns_;
  std::string head_;  // {"model":"…","created_at":"
  Timestamp stamp_;
  WallNanos now_{};

  Phase phase_ = Phase::kOpen;
  bool has_output_ = false;
  std::optional<std::string> failure_;
  std::vector<std::pair<int, int>> told_;
  int text_item_ = -1;
  std::pair<int, int> thinking_part_{-1, 0};
  int calls_ = 0;
  inference::v1::Usage usage_;
  std::string_view done_reason_;

  // Of an answer that comes whole, and the content for `context`.
  std::string content_, thinking_, calls_json_, logprobs_;
};

}  // namespace patchbay::ollama
