// What the real backend refuses in a generate request (codex-wire §3), as a pure function. The simulated provider is
// exactly as strict, so that a translator's mistake shows in our tests and not in front of the real backend.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/http.h"

namespace patchbay::sim {

struct ApiModel;

// Who asks. `lite` is the responses-lite form (codex-wire §3.3): no instructions and no tools at the top level.
struct Caller {
  std::string_view account_id;
  bool lite = false;
  std::string_view plan = {};       // empty: one that has every model
  const ApiModel* model = nullptr;  // of the public API; null: asked is the backend
};

// Nothing when the backend would accept the request; else what it would answer.
std::optional<Reply> Validate(const boost::json::value& request, const Caller& caller);

// The same for the public Responses API, which takes more: `caller.model` is there.
std::optional<Reply> ValidateResponses(const boost::json::object& request, const Caller& caller);

// The catalogue: the models that the backend knows (codex-wire §12).
const std::vector<std::string_view>& KnownModels();
// Whether accounts of that plan have the model: the largest ones are not for everybody.
bool PlanHas(std::string_view plan, std::string_view model);
// As its list tells them (real-clients §7.1), in rising order.
std::vector<std::string_view> EffortsOf(std::string_view model);

// Reasoning and compaction blobs are bound to the account that made them: "gAAAA" + base64url(account "|" nonce).
std::string MakeEncryptedContent(std::string_view account_id, std::string_view nonce);
bool IsEncryptedFor(std::string_view content, std::string_view account_id);

// Parts of Validate, each for one piece of the request. The first is for all that both APIs have in common; the list of
// input has been looked at by its type.
std::optional<Reply> ValidateShared(const boost::json::object& request, const std::vector<std::string_view>& efforts,
                                    const Caller& caller);
std::optional<Reply> ValidateInput(const boost::json::array& input, const Caller& caller);
std::optional<Reply> ValidateTools(const boost::json::array& tools, std::string_view path, int depth = 0);
std::optional<Reply> ValidateToolChoice(const boost::json::object& request);
// A schema by itself: JSON Schema 2020-12, arrays that say what is in them, patterns that Python reads, references that
// lead somewhere. `subject` begins the message.
std::optional<Reply> ValidateSchema(const boost::json::value& schema, std::string_view subject, std::string_view param,
                                    std::string_view code);
// The same for a function's parameters, which must be an object with `properties`, even if empty, and no union.
std::optional<Reply> ValidateParameters(const boost::json::value& schema, std::string_view subject,
                                        std::string_view param);
// A schema under `strict`: every object closed and with all its properties required. `subject` begins the message.
std::optional<Reply> ValidateStrictSchema(const boost::json::value& schema, std::string_view subject,
                                          std::string_view param, std::string_view code);

// "input" and 3 and "id": "input[3].id".
std::string PathOf(std::string_view list, std::size_t index, std::string_view member = {});

// The first key of `object` that is not among the allowed ones, as a refusal.
std::optional<Reply> RefuseUnknownKeys(const boost::json::object& object, const std::vector<std::string_view>& allowed,
                                       std::string_view path);

}  // namespace patchbay::sim
