// What a grant decided, written into the request: the provider's name of the model, and the reasoning
// effort and service tier that the client's name of the model asked for. Pure.
#pragma once

#include <string>
#include <variant>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// A Responses body in which only what the grant decides is replaced or put in: byte for byte the same
// elsewhere, and unchanged when the body says it all already. `model` is what the body says now.
Result<std::string> EditResponsesBody(std::string body, const std::string& model, const accounts::v1::Granted& granted);

// Edits one request, once per attempt.
class GrantEdits {
 public:
  explicit GrantEdits(std::string client_model) { applied_.set_wire_model(std::move(client_model)); }

  Result<void> Apply(const accounts::v1::Granted& granted,
                     std::variant<inference::v1::GenerateRequest, RawRequest>& payload);

 private:
  accounts::v1::Granted applied_;  // what a raw body says by now
};

}  // namespace patchbay::frontend
