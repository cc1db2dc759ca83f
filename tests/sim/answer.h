// Decides what the simulated model says to a request and writes it as a script: text, tool calls, JSON, a refusal,
// a web search, an image. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/script.h"

namespace patchbay::sim {

// The end of the conversation, as far as the simulated model looks at it.
struct Prompt {
  std::string user_text;                   // of the last user message, without the marker
  std::optional<Scenario> marker;          // from that message
  std::optional<std::string> tool_output;  // when the last item is a tool's output
  bool compact = false;                    // the last item asks for a compaction
};
Prompt ReadPrompt(const json::object& request);

// The scenario when neither the account nor the message asks for one: a tool call where the request demands one, JSON
// where it wants a format, else text. A marker for tool calls has had its effect once the outputs are there.
Scenario ChooseScenario(const json::object& request, const Prompt& prompt);

// The text deltas of a text answer, as the scenario's parameters ask for (events, size, seq, echo, unicode), with its
// huge one.
std::vector<std::string> TextDeltas(const Scenario& scenario, const Prompt& prompt);

// One function or custom tool that the request offers.
struct OfferedTool {
  std::string_view name_space;  // empty when it is in none
  std::string_view type;
  std::string_view name;
  const json::value* parameters = nullptr;
};

// Those that may be called under the request's tool_choice, namespaces flattened.
std::vector<OfferedTool> CallableTools(const json::object& request, std::string_view type,
                                       std::string_view only_name = {});

// What a scenario about tools calls; nothing when the request offers none that fits.
struct PlannedCall {
  OfferedTool tool;
  std::string input;
};
std::vector<PlannedCall> PlanCalls(const Scenario& scenario, const json::object& request);

// The text of an answer in the format that the request wants.
std::string JsonAnswer(const json::object& request);

// In what pieces arguments and JSON come.
std::size_t PieceBytes(const Scenario& scenario);

// What the model thinks, and what that costs.
const std::vector<std::string>& ReasoningDeltas();
inline constexpr long long kSimulatedReasoningTokens = 64;

// The whole stream.
Script Render(const Facts& facts, const Scenario& scenario, const Prompt& prompt);

// The pieces of an answer; each writes one output item at `index`.
void WriteReasoning(ScriptWriter& writer, int index, const std::vector<std::string>& deltas);
void WriteMessage(ScriptWriter& writer, int index, const std::vector<std::string>& deltas,
                  std::string_view status = "completed", bool stamp = false, std::string_view annotation = {});
void WriteRefusal(ScriptWriter& writer, int index, std::string_view text);
void WriteFunctionCall(ScriptWriter& writer, int index, const OfferedTool& tool, std::string_view arguments,
                       std::size_t piece);
void WriteCustomCall(ScriptWriter& writer, int index, const OfferedTool& tool, std::string_view input,
                     std::size_t piece);
void WriteWebSearch(ScriptWriter& writer, int index, std::string_view query);
// The one item that stands for the conversation so far (codex-wire §11.1).
void WriteCompaction(ScriptWriter& writer, int index);
void WriteImage(ScriptWriter& writer, int index, std::string_view prompt, std::size_t bytes);

// `text` in pieces of about `bytes`, never inside a character.
std::vector<std::string> Pieces(std::string_view text, std::size_t bytes);

}  // namespace patchbay::sim
