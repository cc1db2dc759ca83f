// A client's request once it is understood: what of it concerns accounts and the provider. How its answer is written is
// a ReplyPlan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"

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
};

// What has to be known of a dialect whose bytes pass unchanged but for what a grant decides. Lives as long as the
// process.
class RawDialect {
 public:
  virtual ~RawDialect() = default;
  virtual std::string_view name() const = 0;  // "openai_responses"
  // The body with the terms in it, and byte for byte the same elsewhere. `model` is what it says now.
  virtual Result<std::string> WithTerms(std::string body, const std::string& model, const GrantTerms& terms) const = 0;
  // Whether there was any to leave out.
  virtual bool DropSealedReasoning(std::string& body) const = 0;
  // For calls whose usage nobody reports: what the body costs, and what so much of an answer did.
  virtual std::int64_t EstimateInputTokens(const std::string& body) const = 0;
  virtual std::int64_t EstimateOutputTokens(std::uint64_t answer_bytes) const = 0;
};

// The byte-transparent route: the client's own bytes, in the dialect that the provider speaks too.
struct RawRequest {
  const RawDialect* dialect;
  std::string body;                   // a JSON object with a member "model"
  std::string service_tier = {};      // what it asks for
  std::string reasoning_effort = {};  // the same; empty where it says none
};

using Payload = std::variant<inference::v1::GenerateRequest, RawRequest>;

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
  // Client headers that the provider may see.
  HeaderList forwarded_headers;
};

}  // namespace patchbay::frontend
