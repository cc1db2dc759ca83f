#include "workers/ollama/dialect/generate_request.h"

#include <array>
#include <utility>

#include "workers/ollama/dialect/conversation.h"
#include "workers/ollama/dialect/fields.h"
#include "workers/ollama/dialect/images.h"
#include "workers/ollama/dialect/model_names.h"

namespace patchbay::ollama {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 16> kGenerateFields = {
    "model", "name",   "prompt",     "suffix", "system",  "template", "context",  "stream",
    "raw",   "format", "keep_alive", "images", "options", "think",    "logprobs", "top_logprobs"};

Result<std::vector<Turn>> ReadContext(const json::object& object, Asked& asked) {
  ASSIGN_OR_RETURN(const json::array* context, Array(object, "context"));
  if (context == nullptr) return std::vector<Turn>();
  auto turns = DecodeContext(*context);
  if (turns) return std::move(*turns);
  Note(asked.ignored, "context");  // of a real server, whose tokens nobody here can read
  return std::vector<Turn>();
}

Conversation::Parts TextPart(const std::string& text) {
  Conversation::Parts parts;
  if (!text.empty()) parts.Add()->set_text(text);
  return parts;
}

}  // namespace

Result<Asked> DecodeGenerate(std::string_view body) {
  ASSIGN_OR_RETURN(const wire::JsonDocument document, ParseBody(body));
  const json::object& object = document.root().get_object();
  Asked asked;
  RETURN_IF_ERROR(ReadShared(object, asked));
  NoteOthers(asked, object, kGenerateFields);
  ASSIGN_OR_RETURN(const std::string_view prompt, Text(object, "prompt"));
  ASSIGN_OR_RETURN(const std::string_view suffix, Text(object, "suffix"));
  ASSIGN_OR_RETURN(const std::string_view system, Text(object, "system"));
  ASSIGN_OR_RETURN(const std::string_view prompt_template, Text(object, "template"));
  ASSIGN_OR_RETURN(const bool raw, Flag(object, "raw", false));
  ASSIGN_OR_RETURN(std::vector<Turn> before, ReadContext(object, asked));
  ASSIGN_OR_RETURN(const json::array* pictures, Array(object, "images"));
  if (raw && (!prompt_template.empty() || !system.empty() || !before.empty())) {
    return Wrong("", "raw mode does not support template, system, or context");
  }
  // No model behind the gateway says that it can: see CapabilitiesOf.
  if (!suffix.empty()) return Wrong("", FullName(asked.model) + " does not support insert");
  if (!prompt_template.empty()) Note(asked.ignored, "template");

  Conversation conversation(asked.request, asked.repaired);
  conversation.AddSystem(system);
  for (const Turn& turn : before) {
    conversation.AddMessage(turn.by_user ? inference::v1::ROLE_USER : inference::v1::ROLE_ASSISTANT,
                            TextPart(turn.text));
  }
  auto parts = TextPart(std::string(prompt));
  std::size_t counted = 0;
  if (pictures != nullptr) RETURN_IF_ERROR(ReadImages(*pictures, "images", counted, parts));
  asked.load_only = parts.empty();
  if (asked.load_only) return asked;
  conversation.AddMessage(inference::v1::ROLE_USER, std::move(parts));
  conversation.Finish();
  asked.keeps_context = !raw;
  asked.turns = std::move(before);
  asked.turns.push_back({true, std::string(prompt)});
  return asked;
}

std::vector<std::string_view> GenerateFields() { return {kGenerateFields.begin(), kGenerateFields.end()}; }

}  // namespace patchbay::ollama
