// Gateway.Embed on its way to a provider and back: the request in the one form in which providers take it
// (POST /embeddings of OpenAI's API), and its answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/gateway/call_clock.h"

namespace patchbay::frontend {

// OpenAI takes no more in one request, and none that is empty.
inline constexpr int kMaxEmbedInputs = 2048;

// kInvalidArgument for what no provider takes.
Result<void> CheckEmbedCall(const gateway::v1::EmbedCall& call);

// The request as ClientBytes: there is no canonical form of it, and each grant names its own model.
class EmbedBytes final : public ClientBytes {
 public:
  explicit EmbedBytes(gateway::v1::EmbedCall call) : call_(std::move(call)) {}
  std::string_view dialect() const override;
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override;
  Result<TranslatedRequest> Translated() const override;
  std::int64_t EstimateInputTokens() const override;
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }  // vectors cost nothing

 private:
  const gateway::v1::EmbedCall call_;
};

// The answer, as Gateway.Embed gives it. kProtocol: it is not one, or has not one vector for each of `inputs`.
Result<gateway::v1::EmbedReply> ReadEmbeddings(std::string_view body, int inputs);

// Gathers the answer, which leaves whole: until its end every failure can be tried elsewhere.
class EmbedSink final : public ReplySink {
 public:
  // `time` outlives the sink.
  EmbedSink(std::string model, async::TimeSource& time) : model_(std::move(model)), clock_(time) {}

  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) override;
  void TakeHead(const upstream::v1::Head& head) override;
  Losses losses() const override;
  Result<void> TakeEvent(const inference::v1::GenerateEvent&) override;
  Result<bool> TakeBytes(std::string_view bytes) override;
  bool streams() const override { return false; }
  void Commit() override {}
  Awaitable<bool> Flush() override { co_return true; }

  // Of the attempt that answered.
  Result<gateway::v1::EmbedReply> Take(int inputs);
  std::size_t bytes() const { return body_.size(); }
  SteadyTime began() const { return clock_.began(); }

 private:
  const std::string model_;
  CallClock clock_;
  gateway::v1::Notes notes_;
  std::string body_;
};

}  // namespace patchbay::frontend
