#include "workers/upstream/dialects/common/answer_kind.h"

#include <algorithm>
#include <iterator>

#include "lib/base/text.h"

namespace patchbay::upstream {
namespace {

// What a member of the outermost object tells; `value` is empty for anything but a text.
AnswerKind KindBy(std::string_view key, std::string_view value) {
  struct Sign {
    AnswerKind kind;
    std::string_view key, value;  // a value's beginning; empty for any
  };
  constexpr Sign kSigns[] = {
      {AnswerKind::kChat, "object", "chat.completion"},
      {AnswerKind::kChat, "choices", ""},
      {AnswerKind::kResponses, "type", "response."},
      {AnswerKind::kResponses, "object", "response"},
      {AnswerKind::kMessages, "type", "message"},
      {AnswerKind::kMessages, "type", "content_block"},
      {AnswerKind::kGemini, "candidates", ""},
      {AnswerKind::kGemini, "usageMetadata", ""},
      {AnswerKind::kOllama, "done", ""},
  };
  const auto sign = std::find_if(std::begin(kSigns), std::end(kSigns), [&](const Sign& each) {
    return each.key == key && (each.value.empty() || value.starts_with(each.value));
  });
  return sign == std::end(kSigns) ? AnswerKind::kUnknown : sign->kind;
}

// Where the string that begins at `at` ends, its quotes included; npos when it is cut.
std::size_t EndOfString(std::string_view json, std::size_t at) {
  for (std::size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view NameOf(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kChat: return "a chat completion";
    case AnswerKind::kResponses: return "an answer of the Responses API";
    case AnswerKind::kMessages: return "an Anthropic message";
    case AnswerKind::kGemini: return "a Gemini answer";
    case AnswerKind::kOllama: return "an Ollama answer";
    case AnswerKind::kUnknown: break;
  }
  return "something else";
}

// A JSON parser wants a whole text, and this is mostly a piece of one.
AnswerKind KindOfAnswer(std::string_view json) {
  std::string_view key;
  int depth = 0;
  bool is_value = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t end = EndOfString(json, i);
      if (end == std::string_view::npos) return AnswerKind::kUnknown;
      const std::string_view text = json.substr(i + 1, end - i - 2);
      i = end - 1;
      if (depth != 1) continue;
      const AnswerKind kind = is_value ? KindBy(key, text) : AnswerKind::kUnknown;
      if (kind != AnswerKind::kUnknown) return kind;
      if (!is_value) key = text;
    } else if (c == ':' && depth == 1) {
      is_value = true;
      if (const AnswerKind kind = KindBy(key, {}); kind != AnswerKind::kUnknown) return kind;
    } else if (c == ',' && depth == 1) {
      is_value = false;
    } else if (c == '{' || (c == '[' && depth > 0)) {  // Gemini's documents are lists of objects
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return AnswerKind::kUnknown;
}

void FirstWords::Feed(std::string_view bytes) {
  if (done_) return;
  begun_ += bytes.substr(0, kMaxBytes - seen_);
  seen_ += std::min(bytes.size(), kMaxBytes - seen_);
  if (form_ == Form::kNothing) {
    begun_.erase(0, begun_.size() - TrimStart(begun_).size());
    if (!begun_.empty()) form_ = begun_.front() == '{' || begun_.front() == '[' ? Form::kDocument : Form::kLines;
  }
  if (form_ == Form::kDocument) {
    if (const AnswerKind kind = KindOfAnswer(begun_); kind != AnswerKind::kUnknown) Decide(kind);
  } else {
    LookAtLines();
  }
  if (seen_ == kMaxBytes) Decide(kind_);
}

void FirstWords::LookAtLines() {
  constexpr std::string_view kData = "data:";
  std::size_t end;
  while (!done_ && (end = begun_.find_first_of("\r\n")) != std::string::npos) {
    const std::string_view line(begun_.data(), end);
    if (line.starts_with(kData)) {
      undecided_ = false;
      if (const AnswerKind kind = KindOfAnswer(line.substr(kData.size())); kind != AnswerKind::kUnknown) {
        return Decide(kind);
      }
    }
    begun_.erase(0, end + 1);
  }
}

void FirstWords::Decide(AnswerKind kind) {
  kind_ = kind;
  undecided_ = false;
  done_ = true;
  begun_ = {};
}

}  // namespace patchbay::upstream
