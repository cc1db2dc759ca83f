// Canonical events → the Responses event stream (client-protocols C.4, codex-wire §6.3).
//
//   kIdle ──Started──▶ kOpen ──Finished──▶ kEnded
//                        └──────break────────┘
//
// Every item is announced before anything is said of it, told whole once more when it is over, and numbered densely
// from 0; of an item one part is open at a time. What a provider did not stream is told when the item is done. Pure:
// the same events always give the same bytes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/openai_responses/response_additions.h"
#include "workers/frontend/dialects/openai_responses/translated/output_item.h"
#include "workers/frontend/dialects/openai_responses/translated/response_object.h"

namespace patchbay::frontend::openai_responses::translated {

// What an answer is told as.
struct AnswerIdentity {
  ResponseObject response;
  std::string unique;  // the random part of its items' ids
  // A client that drops a message with a refusal in it (codex-wire §6.2): it gets the words as text.
  bool refusals_as_text = false;
  // It has a search for tools of its own (tool_search.h).
  bool searches_tools = false;
};

class EventEncoder {
 public:
  // Of one answer no more items are told than this.
  static constexpr int kMaxOutputItems = 4096;

  explicit EventEncoder(AnswerIdentity identity, ResponseAdditions additions = {})
      : identity_(std::move(identity)), additions_(std::move(additions)) {}

  // Appends the events that `event` causes. One that cannot happen in the current phase is its producer's bug and comes
  // back as kProtocol; so does a failure, which whoever reads an answer has taken out.
  Result<void> Encode(const inference::v1::GenerateEvent& event, std::string& out);
  // `response.failed`, unless the answer has come to its end.
  void EncodeBreak(const Problem& problem, std::string& out);

  bool ended() const { return phase_ == Phase::kEnded; }
  // The Response object of the end.
  const std::string& response() const { return response_; }

 private:
  enum class Phase { kIdle, kOpen, kEnded };

  Result<void> EncodeInside(const inference::v1::GenerateEvent& event);
  void Start();
  // Null for what is not told: an item that this dialect cannot say, or a late word about one that is over.
  Result<OutputItem*> Find(int index, const inference::v1::Item& item);
  void Say(std::string_view type, std::string_view members);
  void SayOf(const OutputItem& item, std::string_view type, std::string_view members = {});
  void SayResponse(std::string_view type, const ResponseObject::State& state);
  OutputPart& PartOf(OutputItem& item, OutputPart::Kind kind, int part);
  void ClosePart(OutputItem& item);
  void Text(OutputItem& item, OutputPart::Kind kind, int part, std::string_view text,
            const inference::v1::TextDelta* with_logprobs = nullptr);
  void Input(OutputItem& item, std::string_view text);
  void Annotate(OutputItem& item, int part, std::string annotation);
  void Progress(const OutputItem& item, const inference::v1::HostedToolProgress& progress);
  void TellTheRest(OutputItem& item, const inference::v1::Item& whole);
  void Finish(OutputItem& item, const inference::v1::Item& whole, std::string_view status);
  void End(const inference::v1::Finished& finished);
  std::string Output() const;

  const AnswerIdentity identity_;
  const ResponseAdditions additions_;
  Phase phase_ = Phase::kIdle;
  std::string out_;  // the caller's buffer, while it is lent
  std::int64_t sequence_ = 0;
  std::map<int, OutputItem> items_;  // by the provider's index
  std::map<int, std::string> done_;  // items that are over, by their number
  std::set<int> untold_;             // by the provider's index: items that this dialect cannot say
  inference::v1::Usage usage_;
  bool has_usage_ = false;
  std::string response_;
};

}  // namespace patchbay::frontend::openai_responses::translated
