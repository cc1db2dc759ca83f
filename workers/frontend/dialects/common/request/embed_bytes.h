// A request for vectors of texts, whoever asks for them, in the one form in which providers take it: POST /embeddings
// of OpenAI's API.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

// OpenAI takes no more in one request, and none that is empty.
inline constexpr int kMaxEmbedInputs = 2048;

// kInvalidArgument for what no provider takes.
Result<void> CheckEmbedCall(const gateway::v1::EmbedCall& call);

// The request as ClientBytes: there is no canonical form of it, and each grant names its own model.
class EmbedBytes final : public ClientBytes {
 public:
  // `ignored`: of what the client asked for, what the call does not say, by the client's names.
  explicit EmbedBytes(gateway::v1::EmbedCall call, std::vector<std::string> ignored = {})
      : call_(std::move(call)), ignored_(std::move(ignored)) {}
  std::string_view dialect() const override;
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override;
  Result<TranslatedRequest> Translated() const override;
  std::int64_t EstimateInputTokens() const override;
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }  // vectors cost nothing

 private:
  const gateway::v1::EmbedCall call_;
  const std::vector<std::string> ignored_;
};

// Such a request is for providers that make embeddings alone.
Payload EmbedPayload(gateway::v1::EmbedCall call, std::vector<std::string> ignored = {});

}  // namespace patchbay::frontend
