#include "workers/upstream/dialects/common/failure_texts.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "lib/base/text.h"
#include "workers/upstream/dialects/common/openai_causes.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

// Bodies without a message are looked at themselves, this far.
constexpr std::size_t kMaxTextLookedAt = 4096;

// In lower case. A context that is too long is told by a text where the host has no code for it (providers §2 rule 10).
constexpr std::string_view kOverflowTexts[] = {
    "prompt is too long",
    "exceeds the context window",
    "maximum prompt length is",
    "reduce the length of the messages",
    "maximum context length is",
    "exceeds the available context size",
    "greater than the context length",
    "context window exceeds limit",
    "exceeded model token limit",
    "too large for model with",
};
constexpr std::string_view kPolicyTexts[] = {"content management policy", "flagged by our content", "content policy"};
constexpr std::string_view kMoneyTexts[] = {"insufficient balance", "insufficient credits",
                                            "exceeded your current quota", "requires more credits"};

template <std::size_t N>
bool SaysOneOf(const std::string& text, const std::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

bool Says(const std::string& text, std::string_view first, std::string_view second) {
  return text.find(first) != std::string::npos && text.find(second) != std::string::npos;
}

bool IsOverflow(const std::string& text) {
  return SaysOneOf(text, kOverflowTexts) || Says(text, "input token count", "exceeds") ||
         Says(text, "exceeds the limit of", "token");
}

bool IsUnknownModel(const std::string& text) {
  if (text.find("not a valid model") != std::string::npos || text.find("model not exist") != std::string::npos)
    return true;
  return text.find("model") != std::string::npos &&
         (text.find("does not exist") != std::string::npos || text.find("not found") != std::string::npos);
}

bool IsOfRequest(int status) { return status == 0 || status == 400 || status == 413 || status == 422 || status == 500; }

inf::Cause CauseOfWords(const inf::Failure& failure) {
  const int status = failure.http_status();
  const bool wordless = failure.message().empty();
  const std::string text = LowerCase(wordless ? std::string_view(failure.body()).substr(0, kMaxTextLookedAt)
                                              : std::string_view(failure.message()));
  if (status == 402 || SaysOneOf(text, kMoneyTexts)) return inf::CAUSE_EXHAUSTED;
  if (IsOfRequest(status) && IsOverflow(text)) return inf::CAUSE_CONTEXT_TOO_LONG;
  // Cerebras says it with nothing at all.
  if ((status == 413 || status == 400) && failure.body_kind() == inf::BODY_KIND_EMPTY)
    return inf::CAUSE_CONTEXT_TOO_LONG;
  if (IsOfRequest(status) && SaysOneOf(text, kPolicyTexts)) return inf::CAUSE_POLICY;
  const bool of_model = status == 0 || status == 400 || status == 404 || status == 422;
  if (of_model && IsUnknownModel(text)) return inf::CAUSE_MODEL;
  // DeepSeek's and Z.AI's words for an answer that they broke off.
  if (failure.code() == "insufficient_system_resource") return inf::CAUSE_OVERLOADED;
  return failure.code() == "network_error" ? inf::CAUSE_SERVER_ERROR : inf::CAUSE_UNSPECIFIED;
}

// An error inside an answer has no status but the one that it names itself, and who judges it looks at causes only.
inf::Cause CauseOfReported(const inf::Failure& failure) {
  const int status = failure.http_status();
  if (failure.stage() != inf::FAILURE_STAGE_REPORTED || status < 400) return inf::CAUSE_UNSPECIFIED;
  if (status == 401) return inf::CAUSE_CREDENTIAL;
  if (status == 429) return inf::CAUSE_RATE_LIMITED;
  if (status == 503 || status == 529) return inf::CAUSE_OVERLOADED;
  if (status >= 500) return inf::CAUSE_SERVER_ERROR;
  return status == 400 || status == 413 || status == 422 ? inf::CAUSE_BAD_REQUEST : inf::CAUSE_UNSPECIFIED;
}

}  // namespace

inf::Cause CauseOfFailure(const inf::Failure& failure) {
  const inf::Cause known = OpenAiCauseOf(failure);
  if (known != inf::CAUSE_UNSPECIFIED && known != inf::CAUSE_BAD_REQUEST) return known;
  const inf::Cause said = CauseOfWords(failure);
  if (said != inf::CAUSE_UNSPECIFIED) return said;
  return known != inf::CAUSE_UNSPECIFIED ? known : CauseOfReported(failure);
}

}  // namespace patchbay::upstream
