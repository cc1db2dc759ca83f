// A Chat Completions client's bytes, for a provider of the same dialect: they pass as they are, but for what a grant
// decides. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/call/call.h"

namespace patchbay::frontend::openai_chat {

class ChatBytes final : public ClientBytes {
 public:
  // Null for a body that is not of this protocol to the letter: only translating makes sense of it. `asks_usage`: the
  // client does not ask what its stream costs, so we do; the answer to that is ours alone (chat_replies.h).
  static std::shared_ptr<const ChatBytes> Of(std::string body, const inference::v1::GenerateRequest& request,
                                             bool asks_usage);

  std::string_view dialect() const override { return "openai_chat"; }
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override;
  // The canonical form is made when the request is read.
  Result<TranslatedRequest> Translated() const override;
  std::int64_t EstimateInputTokens() const override;
  std::int64_t EstimateOutputTokens(std::uint64_t answer_bytes) const override;

 private:
  ChatBytes(std::string body, const inference::v1::GenerateRequest& request, bool asks_usage);

  const std::string body_, model_, effort_, service_tier_;
  const bool asks_usage_;
};

}  // namespace patchbay::frontend::openai_chat
