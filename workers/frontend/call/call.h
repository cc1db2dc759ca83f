// A client's request once it is understood: what of it concerns accounts and the provider. How its answer is written is
// a ReplyPlan.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend {

using HeaderList = std::vector<std::pair<std::string, std::string>>;
// Value of a header field by its lower-case name; empty when the client sent none.
using HeaderLookup = std::function<std::string_view(std::string_view)>;

// The byte-transparent route: the client's own bytes, in the dialect that the provider speaks too.
struct RawRequest {
  std::string dialect;  // "openai_responses"
  std::string body;     // a JSON object with a member "model"
};

using Payload = std::variant<inference::v1::GenerateRequest, RawRequest>;

// What accounts must look for in an account.
struct Needs {
  bool tools = false;
  bool vision = false;
  bool json_schema = false;
};

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
