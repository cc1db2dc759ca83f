#include "workers/upstream/dialects/common/fit_request.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "workers/upstream/dialects/common/call_ids.h"
#include "workers/upstream/dialects/common/fit_schemas.h"
#include "workers/upstream/dialects/common/identifiers.h"
#include "workers/upstream/dialects/common/plain_tools.h"
#include "workers/upstream/dialects/common/tool_names.h"
#include "workers/upstream/dialects/common/wishes.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

bool MentionsJson(std::string_view text) {
  constexpr std::string_view kWord = "json";
  return std::search(text.begin(), text.end(), kWord.begin(), kWord.end(),
                     [](char a, char b) { return (a | 0x20) == b; }) != text.end();
}

// OpenAI's models take the format without a schema only when the conversation speaks of JSON; others take it always.
void MentionJson(inf::GenerateRequest& request, JsonWord where, FitNotes& notes) {
  constexpr std::string_view kWish = "Answer in JSON.";
  if (where == JsonWord::kNowhere || request.output_format().kind() != inf::OutputFormat::KIND_JSON_OBJECT) return;
  if (where == JsonWord::kAnywhere && MentionsJson(request.instructions())) return;
  for (const inf::Item& item : request.items()) {
    for (const inf::Part& part : item.message().parts()) {
      if (MentionsJson(part.text())) return;
    }
  }
  notes.repaired.emplace_back("answer_in_json");
  if (where == JsonWord::kAnywhere) {
    std::string& instructions = *request.mutable_instructions();
    instructions.append(instructions.empty() ? "" : "\n\n").append(kWish);
    return;
  }
  // In front, so that the beginning stays the same from turn to turn.
  auto& items = *request.mutable_items();
  inf::Message& order = *items.Add()->mutable_message();
  order.set_role(inf::ROLE_DEVELOPER);
  order.add_parts()->set_text(std::string(kWish));
  for (int i = items.size() - 1; i > 0; --i) items.SwapElements(i, i - 1);
}

// "data:application/pdf;base64,…" is "file.pdf".
std::string NameOfFile(std::string_view url) {
  constexpr std::string_view kData = "data:";
  std::string name = "file";
  const std::string_view type = url.substr(kData.size(), url.find_first_of(";,") - kData.size());
  const std::size_t slash = type.find('/');
  if (slash != std::string_view::npos && slash + 1 < type.size()) name.append(".").append(type.substr(slash + 1));
  return name;
}

void NameFiles(google::protobuf::RepeatedPtrField<inf::Part>& parts) {
  for (inf::Part& part : parts) {
    if (!part.has_file()) continue;
    inf::FilePart& file = *part.mutable_file();
    if (file.filename().empty() && file.url().starts_with("data:")) file.set_filename(NameOfFile(file.url()));
  }
}

void NameFiles(inf::GenerateRequest& request) {
  for (inf::Item& item : *request.mutable_items()) {
    if (item.has_message()) NameFiles(*item.mutable_message()->mutable_parts());
    if (item.has_tool_result()) NameFiles(*item.mutable_tool_result()->mutable_parts());
  }
}

constexpr std::string_view kGoOn =
    "Go on with the assistant's last message from exactly where it ends. Answer with the continuation alone: repeat "
    "none of "
    "it, do not comment on it, do not wrap it.";

// The client has begun the answer itself (Anthropic's prefill).
void AskToGoOn(inf::GenerateRequest& request, AnswerPlan& plan, FitNotes& notes) {
  request.clear_continues_last_item();
  if (request.items().empty()) return;
  for (const inf::Part& part : request.items(request.items_size() - 1).message().parts()) plan.begun += part.text();
  inf::Message& order = *request.add_items()->mutable_message();
  order.set_role(inf::ROLE_DEVELOPER);
  order.add_parts()->set_text(std::string(kGoOn));
  notes.repaired.emplace_back("begun_answer");
}

void FitUserIds(inf::GenerateRequest& request, const IdentifierRule& rule) {
  if (!Fits(request.user_id(), rule)) request.set_user_id(MadeToFit(request.user_id(), rule));
  if (!Fits(request.safety_identifier(), rule)) {
    request.set_safety_identifier(MadeToFit(request.safety_identifier(), rule));
  }
}

void FitStops(inf::GenerateRequest& request, std::size_t stops_max, AnswerPlan& plan) {
  auto& stops = *request.mutable_sampling()->mutable_stop();
  if (static_cast<std::size_t>(stops.size()) <= stops_max) return;
  plan.stops.assign(std::make_move_iterator(stops.begin()), std::make_move_iterator(stops.end()));
  stops.Clear();
}

}  // namespace

Result<Fitted> FitRequest(inf::GenerateRequest& request, const RequestLimits& limits) {
  Fitted fitted;
  AnswerPlan plan;
  // Before the names, by which it tells of tools.
  RETURN_IF_ERROR(FitSchemas(request, limits.schemas, plan, fitted.notes));
  FitToolKinds(request, limits, plan, fitted.notes);
  FitToolNames(request, limits.tool_names, plan);
  FitCallIds(request, limits, plan);
  FitWishes(request, limits.takes, fitted.notes);
  FitUserIds(request, limits.user_ids);
  if (request.has_reasoning()) FitThinking(limits.thinking, *request.mutable_reasoning());
  if (request.continues_last_item() && !limits.continues_answers) AskToGoOn(request, plan, fitted.notes);
  if (request.sampling().stop_size() > 0) FitStops(request, limits.stops_max, plan);
  MentionJson(request, limits.json_word, fitted.notes);
  if (limits.files_have_names) NameFiles(request);
  if (request.cache().prompt_cache_key().size() > limits.cache_key_bytes_max) {
    request.mutable_cache()->clear_prompt_cache_key();
  }
  if (!plan.empty()) fitted.plan = std::make_shared<const AnswerPlan>(std::move(plan));
  return fitted;
}

}  // namespace patchbay::upstream
