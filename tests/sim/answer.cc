#include "tests/sim/answer.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "tests/sim/synthesize.h"

namespace patchbay::sim {
namespace {

constexpr long long kEventsMax = 1'000'000;
constexpr std::size_t kTextBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kDefaultPiece = 12;
constexpr std::size_t kHugeBytes = 8 * 1024 * 1024;
constexpr std::size_t kQuotedCharsMax = 400;
const std::vector<std::string> kSummary = {"**Checking the ", "arithmetic**"};

constexpr std::array<std::string_view, 8> kWords = {"lorem ", "ipsum ",       "dolor ",      "sit ",
                                                    "amet ",  "consectetur ", "adipiscing ", "elit "};
// Everything that a translator's escaping or splitting could get wrong.
constexpr std::array<std::string_view, 9> kUnicode = {
    "h\u00e9llo ", "\u65e5\u672c\u8a9e ", "\U0001F469\u200D\U0001F469\u200D\U0001F467 ",
    "\"quoted\" ", "back\\slash ",        "tab\t",
    "line\n",      "sep\u2028arator ",    "\U0001F680\u2713 "};

std::string Shortened(std::string_view text) {
  if (text.size() <= kQuotedCharsMax) return std::string(text);
  std::size_t end = 0;
  while (end < kQuotedCharsMax) end += Utf8Length(text[end]);
  return std::string(text.substr(0, std::min(end, text.size()))) + "…";
}

// The text of a message's or an output's content, string or parts.
std::string ContentText(const json::value* content) {
  if (content == nullptr) return {};
  if (content->is_string()) return std::string(content->get_string());
  std::string text;
  const json::array* parts = content->if_array();
  if (parts == nullptr) return text;
  for (const json::value& value : *parts) {
    const json::object* part = value.if_object();
    if (part != nullptr) text += StringAt(*part, "text").value_or("");
  }
  return text;
}

std::size_t Bounded(long long number, std::size_t least, std::size_t most) {
  return number < static_cast<long long>(least) ? least : std::min(static_cast<std::size_t>(number), most);
}

void Collect(const json::array& tools, std::string_view name_space, std::vector<OfferedTool>& out) {
  for (const json::value& value : tools) {
    const json::object* tool = value.if_object();
    if (tool == nullptr) continue;
    const std::string_view type = StringAt(*tool, "type").value_or("");
    const std::string_view name = StringAt(*tool, "name").value_or("");
    if (type == "function" || type == "custom")
      out.push_back({name_space, type, name, tool->if_contains("parameters")});
    if (const json::array* inner = ArrayAt(*tool, "tools"); type == "namespace" && inner != nullptr)
      Collect(*inner, name, out);
  }
}

// The names that tool_choice leaves; empty means all.
std::vector<std::string_view> ChosenNames(const json::object& request) {
  std::vector<std::string_view> names;
  const json::object* choice = ObjectAt(request, "tool_choice");
  if (choice == nullptr) return names;
  if (const auto name = StringAt(*choice, "name")) names.push_back(*name);
  if (const json::array* allowed = ArrayAt(*choice, "tools")) {
    for (const json::value& value : *allowed) {
      const json::object* tool = value.if_object();
      if (tool != nullptr) names.push_back(StringAt(*tool, "name").value_or(""));
    }
  }
  return names;
}

bool OffersImages(const json::object& request) {
  const json::array* tools = ArrayAt(request, "tools");
  return tools != nullptr && std::any_of(tools->begin(), tools->end(), [](const json::value& value) {
           const json::object* tool = value.if_object();
           return tool != nullptr && StringAt(*tool, "type") == "image_generation";
         });
}

std::string_view FormatType(const json::object& request) {
  const json::object* text = ObjectAt(request, "text");
  const json::object* format = text == nullptr ? nullptr : ObjectAt(*text, "format");
  return format == nullptr ? "text" : StringAt(*format, "type").value_or("text");
}

// One delta so large that it does not fit any buffer that was made for ordinary ones.
void MakeHuge(const Scenario& scenario, std::vector<std::string>& deltas) {
  const std::size_t at = Bounded(scenario.Number("after"), 0, deltas.size());
  deltas.insert(deltas.begin() + static_cast<std::ptrdiff_t>(at),
                std::string(Bounded(scenario.Number("bytes", kHugeBytes), 1, kTextBytesMax), 'x'));
}

}  // namespace

std::vector<OfferedTool> CallableTools(const json::object& request, std::string_view type, std::string_view only_name) {
  std::vector<OfferedTool> tools;
  if (const json::array* offered = ArrayAt(request, "tools")) Collect(*offered, "", tools);
  const json::array* input = ArrayAt(request, "input");
  const json::object* first = input == nullptr || input->empty() ? nullptr : (*input)[0].if_object();
  if (first != nullptr && StringAt(*first, "type") == "additional_tools")
    Collect(first->at("tools").as_array(), "", tools);
  const auto names = ChosenNames(request);
  std::erase_if(tools, [&](const OfferedTool& tool) {
    const bool allowed = names.empty() || std::find(names.begin(), names.end(), tool.name) != names.end();
    return tool.type != type || !allowed || (!only_name.empty() && tool.name != only_name);
  });
  return tools;
}

std::vector<PlannedCall> PlanCalls(const Scenario& scenario, const json::object& request) {
  std::vector<PlannedCall> calls;
  const bool custom = scenario.name == "custom_tool";
  const auto tools = CallableTools(request, custom ? "custom" : "function", scenario.Text("name"));
  if (tools.empty()) return calls;
  const json::value* parallel = request.if_contains("parallel_tool_calls");
  const bool single = parallel != nullptr && parallel->is_bool() && !parallel->get_bool();
  const std::size_t count = single ? 1 : Bounded(scenario.Number("n", 1), 1, 128);
  for (std::size_t i = 0; i < count; ++i) {
    const OfferedTool& tool = tools[i % tools.size()];
    if (custom) {
      const std::string input = "*** Begin Patch\n*** Add File: a" + std::to_string(i) + ".txt\n+hi\n*** End Patch\n";
      calls.push_back({tool, std::string(scenario.Text("input", input))});
    } else {
      const json::value arguments = tool.parameters == nullptr
                                        ? json::value(json::object())
                                        : Synthesize(*tool.parameters, "value " + std::to_string(i));
      calls.push_back({tool, json::serialize(arguments)});
    }
  }
  return calls;
}

std::size_t PieceBytes(const Scenario& scenario) {
  return Bounded(scenario.Number("size", kDefaultPiece), 1, kTextBytesMax);
}

const std::vector<std::string>& ReasoningDeltas() { return kSummary; }

std::string JsonAnswer(const json::object& request) {
  if (FormatType(request) == "json_schema")
    return json::serialize(Synthesize(request.at("text").at("format").at("schema")));
  return R"({"answer":"simulated"})";
}

Prompt ReadPrompt(const json::object& request) {
  Prompt prompt;
  const json::array* input = ArrayAt(request, "input");
  if (input == nullptr || input->empty()) return prompt;
  // What changes the settings says nothing.
  auto end = input->rbegin();
  while (end != input->rend() && end->is_object() && StringAt(end->get_object(), "type") == "configuration_update")
    ++end;
  if (const json::object* last = end == input->rend() ? nullptr : end->if_object()) {
    const std::string_view type = StringAt(*last, "type").value_or("");
    if (type == "function_call_output" || type == "custom_tool_call_output")
      prompt.tool_output = ContentText(last->if_contains("output"));
    prompt.compact = type == "compaction_trigger";
  }
  for (auto it = input->rbegin(); it != input->rend(); ++it) {
    const json::object* item = it->if_object();
    if (item == nullptr || StringAt(*item, "role") != "user") continue;
    MarkedText marked = ParseMarker(ContentText(item->if_contains("content")));
    prompt.user_text = std::move(marked.text);
    prompt.marker = std::move(marked.scenario);
    break;
  }
  return prompt;
}

Scenario ChooseScenario(const json::object& request, const Prompt& prompt) {
  // Markers of old messages are still in the conversation that is compacted.
  if (prompt.compact) {
    Scenario compaction;
    compaction.name = "compaction";
    return compaction;
  }
  const bool about_tools = prompt.marker && (prompt.marker->name == "tools" || prompt.marker->name == "custom_tool");
  if (prompt.marker && !(about_tools && prompt.tool_output && !prompt.marker->Flag("always"))) return *prompt.marker;
  Scenario scenario;
  const json::object* choice = ObjectAt(request, "tool_choice");
  const std::string_view type = choice == nullptr ? "" : StringAt(*choice, "type").value_or("");
  const bool required = StringAt(request, "tool_choice") == "required" ||
                        (type == "allowed_tools" && StringAt(*choice, "mode") == "required");
  if (type == "function" || (required && !CallableTools(request, "function").empty())) {
    scenario.name = "tools";
  } else if (type == "custom" || (required && !CallableTools(request, "custom").empty())) {
    scenario.name = "custom_tool";
  } else if (type == "image_generation" || (required && OffersImages(request))) {
    scenario.name = "image";
  } else if (FormatType(request) != "text") {
    scenario.name = "json";
  }
  return scenario;
}

namespace {

std::vector<std::string> OrdinaryDeltas(const Scenario& scenario, const Prompt& prompt) {
  const bool large = scenario.name == "large";
  const long long asked = scenario.Number("events", scenario.Number("words", large ? 1000 : 0));
  const long long size = scenario.Number("size", large ? 1024 : 0);
  if (scenario.Flag("echo")) return Pieces(prompt.user_text, Bounded(size, kDefaultPiece, kTextBytesMax));
  if (asked <= 0 && !scenario.Flag("seq") && !scenario.Flag("unicode") && size <= 0) {
    if (prompt.tool_output) return Pieces("The tool said: " + Shortened(*prompt.tool_output), kDefaultPiece);
    return Pieces("Hello from the simulated provider. You said: " + Shortened(prompt.user_text), kDefaultPiece);
  }
  const std::size_t bytes = Bounded(size, 0, kTextBytesMax);
  const std::size_t count =
      Bounded(asked > 0 ? asked : 10, 1, bytes == 0 ? kEventsMax : std::max<std::size_t>(1, kTextBytesMax / bytes));
  std::vector<std::string> deltas;
  deltas.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (scenario.Flag("seq")) {
      deltas.push_back(std::to_string(i) + " ");
    } else if (scenario.Flag("unicode")) {
      deltas.emplace_back(kUnicode[i % kUnicode.size()]);
    } else if (bytes == 0) {
      deltas.emplace_back(kWords[i % kWords.size()]);
    } else {
      deltas.emplace_back(bytes, static_cast<char>('a' + i % 26));
    }
  }
  return deltas;
}

}  // namespace

std::vector<std::string> TextDeltas(const Scenario& scenario, const Prompt& prompt) {
  auto deltas = OrdinaryDeltas(scenario, prompt);
  if (scenario.name == "huge") MakeHuge(scenario, deltas);
  return deltas;
}

Script Render(const Facts& facts, const Scenario& scenario, const Prompt& prompt) {
  const json::object& request = *facts.request;
  ScriptWriter writer(facts, DeliveryFrom(scenario), InterruptionFrom(scenario));
  writer.Start();
  int index = 0;
  long long reasoning_tokens = 0;
  if (scenario.name == "reasoning" || scenario.Flag("reasoning")) {
    WriteReasoning(writer, index++, ReasoningDeltas());
    reasoning_tokens = kSimulatedReasoningTokens;
  }
  if (scenario.name == "tools" || scenario.name == "custom_tool") {
    const std::size_t piece = PieceBytes(scenario);
    const auto calls = PlanCalls(scenario, request);
    for (const PlannedCall& call : calls) {
      call.tool.type == "custom" ? WriteCustomCall(writer, index++, call.tool, call.input, piece)
                                 : WriteFunctionCall(writer, index++, call.tool, call.input, piece);
    }
    if (!calls.empty()) {
      writer.Complete(32, reasoning_tokens, false);
      return std::move(writer).Finish();
    }
  } else if (scenario.name == "refusal") {
    WriteRefusal(writer, index, "I'm sorry, but I can't help with that.");
    writer.Complete(10, reasoning_tokens, true);
    return std::move(writer).Finish();
  } else if (scenario.name == "json") {
    const auto deltas = Pieces(JsonAnswer(request), PieceBytes(scenario));
    WriteMessage(writer, index, deltas);
    writer.Complete(static_cast<long long>(deltas.size()), reasoning_tokens, true);
    return std::move(writer).Finish();
  } else if (scenario.name == "compaction") {
    WriteCompaction(writer, index);
    writer.Complete(10, reasoning_tokens, true);
    return std::move(writer).Finish();
  } else if (scenario.name == "image") {
    WriteImage(writer, index, prompt.user_text, Bounded(scenario.Number("bytes"), 0, kTextBytesMax));
    writer.Complete(
        60, reasoning_tokens, true,
        ",\"tool_usage\":{\"image_gen\":{\"input_tokens\":170,\"input_tokens_details\":{\"image_tokens\":0,"
        "\"text_tokens\":170},\"output_tokens\":1056,\"total_tokens\":1226},\"web_search\":{\"num_requests\":0}}");
    return std::move(writer).Finish();
  }
  std::string_view annotation;
  if (scenario.name == "web_search") {
    WriteWebSearch(writer, index++, "weather oslo");
    annotation =
        R"({"type":"url_citation","start_index":0,"end_index":5,"title":"Weather","url":"https://example.com/weather"})";
  }
  const auto deltas = TextDeltas(scenario, prompt);
  const auto tokens = static_cast<long long>(deltas.size());
  const bool incomplete = scenario.name == "incomplete";
  WriteMessage(writer, index, deltas, incomplete ? "incomplete" : "completed", scenario.Flag("stamp"), annotation);
  incomplete ? writer.Incomplete(scenario.Text("reason", "max_output_tokens"), tokens)
             : writer.Complete(tokens, reasoning_tokens, true);
  return std::move(writer).Finish();
}

}  // namespace patchbay::sim
