// A client's request once it is understood: what of it concerns accounts and the provider. How its answer is written is
// a ReplyPlan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/call/quota_sight.h"

namespace patchbay::frontend {

using HeaderList = std::vector<std::pair<std::string, std::string>>;
// Value of a header field by its lower-case name; empty when the client sent none.
using HeaderLookup = std::function<std::string_view(std::string_view)>;

// What a grant decided about the request.
struct GrantTerms {
  std::string model;                      // the provider's name for it
  std::string reasoning_effort;           // empty: the request keeps its own
  std::string service_tier;               // the same
  bool without_sealed_reasoning = false;  // the provider could not open what the conversation carries sealed
  bool effort_fitted = false;             // the effort is not the request's own, but what the model or the key has
  std::string provider_dialect = {};      // "openai_chat"
  bool relay = false;                     // the provider takes the client's own bytes
  bool fallback = false;                  // `model` stands in for one that the key's budget has no room for
};

// The client's bytes in the form in which one provider takes them.
struct RelayedRequest {
  std::shared_ptr<const std::string> body;  // a JSON object with a member "model"
  HeaderList headers;                       // of the client's, those that the provider may see
  std::string service_tier;                 // what it asks for
  // By the provider's limits, in the client's words.
  std::vector<std::string> ignored, repaired;
};

// The same in the canonical form, for a provider that speaks another dialect.
struct TranslatedRequest {
  inference::v1::GenerateRequest request;
  std::vector<std::string> ignored;  // by the client's names
  std::vector<std::string> repaired;
};

// The client's own bytes, and what each way to a provider makes of them. Never changes.
class ClientBytes {
 public:
  virtual ~ClientBytes() = default;
  virtual std::string_view dialect() const = 0;  // "openai_responses"
  // For a provider of this dialect: the terms are in it, what that provider does not take is not, and the rest is byte
  // for byte the client's.
  virtual Result<RelayedRequest> Relayed(const GrantTerms& terms) const = 0;
  // For any other. kUnsupported where `Payload::needs_relay`.
  virtual Result<TranslatedRequest> Translated() const = 0;
  // For calls whose usage nobody reports: what the body costs, and what so much of an answer did.
  virtual std::int64_t EstimateInputTokens() const = 0;
  virtual std::int64_t EstimateOutputTokens(std::uint64_t answer_bytes) const = 0;
};

// The request itself: what the grant chooses a route for. At least one of the two forms is there.
struct Payload {
  Payload() = default;
  Payload(inference::v1::GenerateRequest request) : canonical(std::move(request)) {}  // NOLINT: it is one
  explicit Payload(std::shared_ptr<const ClientBytes> of_client) : bytes(std::move(of_client)) {}

  // What it asks for; empty where it says none.
  const std::string& effort() const { return canonical ? canonical->reasoning().effort() : reasoning_effort; }
  // How many tokens it may think, where it counts them.
  std::optional<std::int64_t> thinking_budget() const {
    if (!canonical) return budget_tokens;
    const auto& reasoning = canonical->reasoning();
    return reasoning.has_budget_tokens() ? std::optional(reasoning.budget_tokens()) : std::nullopt;
  }
  std::string tier() const;

  // Null when no provider takes the bytes of the client's dialect.
  std::shared_ptr<const ClientBytes> bytes;
  // Made of `bytes` the first time a grant needs it.
  std::optional<inference::v1::GenerateRequest> canonical;
  // Only a provider that takes the bytes will do: they have no canonical form.
  bool needs_relay = false;
  // Of bytes that have not been translated.
  std::string reasoning_effort;
  std::optional<std::int64_t> budget_tokens;  // of thinking
  std::string service_tier;                   // by the catalogue's word
  std::int64_t max_output_tokens = 0;
  std::size_t body_bytes = 0;
};

// One attempt's way to its provider.
struct CallRoute {
  bool relay = false;            // by the client's bytes; else by the canonical form
  std::string provider_dialect;  // "openai_chat"
  RelayedRequest relayed;        // of a relay
  // What the request lost on this way, and what was changed.
  std::vector<std::string> ignored, repaired;
  QuotaSight quota;  // what the client is shown of the provider's
};

// What a request lost on all of its way, and what was changed, by the client's names.
struct Losses {
  std::vector<std::string> ignored, repaired;
};

// What accounts must look for in an account.
struct Needs {
  bool tools = false;
  bool vision = false;
  bool json_schema = false;
};

// Of its first turn this much is enough to tell it from others.
inline constexpr std::size_t kMaxFirstTurnBytes = 16 * 1024;

// By what a conversation is recognised, beside its model and the headers of the clients that name it.
struct AffinityFacts {
  std::string cache_key;   // the client's own key of the conversation
  std::string first_turn;  // text that stays the same over its turns
};

struct Call {
  std::string model;  // the client's name for it
  Payload payload;
  Needs needs;
  AffinityFacts affinity;
};

}  // namespace patchbay::frontend
