// What a Chat Completions endpoint refuses (client-protocols B, providers §2), as a pure function: exactly as strict as
// the real ones, in their words, by the rules of the model that is asked.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "tests/sim/chat/models.h"
#include "tests/sim/http.h"

namespace patchbay::sim {

// Nothing when the endpoint would accept the request; else what it would answer.
std::optional<Reply> ValidateChat(const boost::json::value& request);

// Its parts. The model's name has been found.
std::optional<Reply> ValidateMessages(const boost::json::object& request, const ApiModel& model);
std::optional<Reply> ValidateChatTools(const boost::json::object& request, const ApiModel& model);

// 400 with one of the usual codes; `param` may be empty.
Reply UnsupportedParameter(std::string_view param, std::string_view hint = {});
Reply UnsupportedValue(std::string_view param, std::string_view value);

// 404: there is no such model, or not for this key.
Reply ModelNotFound(std::string_view model);

}  // namespace patchbay::sim
