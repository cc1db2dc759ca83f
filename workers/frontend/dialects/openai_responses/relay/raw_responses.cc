#include "workers/frontend/dialects/openai_responses/relay/raw_responses.h"

#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/openai_responses/countable_request.h"
#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"
#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"

namespace patchbay::frontend::openai_responses {
namespace {

// An event that tells of one piece of text, mostly one token, with all that stands around it.
constexpr std::uint64_t kBytesPerToken = 240;

class Relay final : public RawDialect {
 public:
  std::string_view name() const override { return "openai_responses"; }
  Result<std::string> WithTerms(std::string body, const std::string& model, const GrantTerms& terms) const override {
    return openai_responses::WithTerms(std::move(body), model, terms);
  }
  bool DropSealedReasoning(std::string& body) const override { return openai_responses::DropSealedReasoning(body); }
  std::int64_t EstimateInputTokens(const std::string& body) const override {
    const auto sketch = CountableRequest(body);
    return sketch.ok() ? EstimateTokens(*sketch) : 0;
  }
  std::int64_t EstimateOutputTokens(std::uint64_t answer_bytes) const override {
    return static_cast<std::int64_t>(answer_bytes / kBytesPerToken);
  }
};

}  // namespace

const RawDialect& RawResponses() {
  static const Relay kRelay;
  return kRelay;
}

}  // namespace patchbay::frontend::openai_responses
