// What the simulated model says in Chat Completions. It decides as for the Responses API (answer.h), so a request is
// first seen as one of those; what comes out is written as chunks. Pure.
#pragma once

#include <boost/json/object.hpp>

#include "tests/sim/answer.h"
#include "tests/sim/chat/models.h"
#include "tests/sim/scripted.h"

namespace patchbay::sim {

// As much of a request as the model looks at, in the Responses API's shape: the conversation's end, tools and their
// choice, the format. A function without parameters has those of an empty object.
json::object AsResponses(const json::object& chat);

// The whole stream. `facts.request` is the request as it came, `seen` the same as AsResponses shows it.
Script RenderChat(const Facts& facts, const json::object& seen, const ApiModel& model, const Scenario& scenario,
                  const Prompt& prompt);
// A scripted reply's; an error when a called tool is not among those that the request offers.
Result<Script> RenderScriptedChat(const Facts& facts, const json::object& seen, const ApiModel& model,
                                  const ScriptedReply& reply);

// What a client gets that does not stream: the stream's chunks in one document, or its error.
Reply WholeChat(const Script& script);
// The same for the events of the Responses API.
Reply WholeResponse(const Script& script);

}  // namespace patchbay::sim
