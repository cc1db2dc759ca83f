// A Responses client's bytes, and what each way to a provider makes of them: relayed to whoever takes them, translated
// for everybody else. What a backend with rules of its own wants is done for it alone, once a grant says that it
// answers.
#pragma once

#include <memory>
#include <string>

#include "workers/frontend/call/call.h"
#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"
#include "workers/frontend/dialects/openai_responses/response_additions.h"
#include "workers/frontend/dialects/openai_responses/translated/response_object.h"

namespace patchbay::frontend::openai_responses {

class ResponsesBytes final : public ClientBytes {
 public:
  // `headers` are those of the client's that such a backend may see.
  ResponsesBytes(DecodedRequest request, HeaderList headers)
      : request_(std::move(request)), headers_(std::move(headers)) {}

  std::string_view dialect() const override { return "openai_responses"; }
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override;
  Result<TranslatedRequest> Translated() const override;
  std::int64_t EstimateInputTokens() const override;
  std::int64_t EstimateOutputTokens(std::uint64_t answer_bytes) const override;

  const DecodedRequest& request() const { return request_; }
  // What is added to the provider's Response object on this way; `shelf` is where the answer is kept, null for nowhere.
  ResponseAdditions AdditionsFor(const CallRoute& route, std::shared_ptr<ClientResponses> shelf) const;
  // For an answer that this gateway writes itself. Refers to this object.
  translated::RequestMembers Members() const;

 private:
  const DecodedRequest request_;
  const HeaderList headers_;
};

// What a call needs of it, as every dialect's decoder says it.
void TakeCall(std::shared_ptr<const ResponsesBytes> bytes, Call& call);

}  // namespace patchbay::frontend::openai_responses
