#include "workers/frontend/models/model_shapes.h"

#include "lib/wire/url.h"
#include "workers/frontend/models/gemini_models.h"
#include "workers/frontend/models/model_lists.h"

namespace patchbay::frontend {
namespace {

constexpr std::string_view kAnthropic = "anthropic";
constexpr std::string_view kGeminiDialect = "gemini";

// RFC 9110 §13.1.2: a list of tags, or '*'; tags compare weakly. Ours hold no comma.
bool HoldsTag(std::string_view tags, std::string_view tag) {
  const auto strong = [](std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    if (text.starts_with("W/")) text.remove_prefix(2);
    return text;
  };
  while (!tags.empty()) {
    const std::size_t end = std::min(tags.find(','), tags.size());
    const std::string_view one = strong(tags.substr(0, end));
    if (one == "*" || one == strong(tag)) return true;
    tags.remove_prefix(std::min(end + 1, tags.size()));
  }
  return false;
}

}  // namespace

Result<Answer> AnswerModelList(const ModelListQuestion& question, const accounts::v1::ListModelsReply& models) {
  if (!wire::QueryValue(question.query, "client_version").empty()) {
    ASSIGN_OR_RETURN(std::string body, CodexCatalog(models));
    std::string tag = WeakETag(body);
    const bool known = HoldsTag(question.if_none_match, tag);
    Answer answer = known ? Answer{.status = 304, .headers = {}, .body = {}} : JsonAnswer(std::move(body));
    answer.headers.emplace_back("etag", std::move(tag));
    return answer;
  }
  if (question.dialect == kAnthropic) {
    ASSIGN_OR_RETURN(std::string body, AnthropicModelList(models, question.query));
    return JsonAnswer(std::move(body));
  }
  if (question.dialect == kGeminiDialect) {
    ASSIGN_OR_RETURN(std::string body, GeminiModelList(models, question.query));
    return JsonAnswer(std::move(body));
  }
  return JsonAnswer(OpenAiModelList(models));
}

Answer AnswerModel(std::string_view dialect, const accounts::v1::ModelInfo& model) {
  if (dialect == kAnthropic) return JsonAnswer(AnthropicModel(model));
  return JsonAnswer(dialect == kGeminiDialect ? GeminiModel(model) : OpenAiModel(model));
}

}  // namespace patchbay::frontend
