#include "workers/ollama/dialect/relayed_model.h"

#include "workers/ollama/dialect/model_names.h"

namespace patchbay::ollama {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::size_t SkipSpace(std::string_view text, std::size_t at) { return text.find_first_not_of(kSpace, at); }

// Behind the string that begins at `at`, a quote; npos: it does not end.
std::size_t EndOfString(std::string_view text, std::size_t at) {
  for (++at; (at = text.find_first_of("\"\\", at)) != std::string_view::npos; at += 2) {
    if (text[at] == '"') return at + 1;
  }
  return at;
}

// At the comma or bracket behind the value that begins at `at`; npos: it does not end.
std::size_t EndOfValue(std::string_view text, std::size_t at) {
  for (int depth = 0; (at = text.find_first_of("\"{}[],", at)) != std::string_view::npos;) {
    switch (text[at]) {
      case '"': at = EndOfString(text, at); continue;
      case '{':
      case '[': ++depth; break;
      case ',':
        if (depth == 0) return at;
        break;
      default:
        if (depth-- == 0) return at;
    }
    ++at;
  }
  return at;
}

// Between the quotes of the string at `at`; empty when there is none.
std::string_view StringAt(std::string_view text, std::size_t at) {
  if (at >= text.size() || text[at] != '"') return {};
  const std::size_t end = EndOfString(text, at);
  return end == std::string_view::npos ? std::string_view() : text.substr(at + 1, end - at - 2);
}

}  // namespace

std::optional<TaggedModel> FindTaggedModel(std::string_view body) {
  std::size_t at = SkipSpace(body, 0);
  if (at >= body.size() || body[at] != '{') return std::nullopt;
  for (;;) {
    at = SkipSpace(body, at + 1);
    if (at >= body.size() || body[at] != '"') return std::nullopt;
    const std::string_view key = StringAt(body, at);
    at = EndOfString(body, at);
    if (at != std::string_view::npos) at = SkipSpace(body, at);
    if (at >= body.size() || body[at] != ':') return std::nullopt;
    at = SkipSpace(body, at + 1);
    if (key == "model") {
      const std::string_view name = StringAt(body, at);
      if (name.size() <= kLatestTag.size() || !name.ends_with(kLatestTag)) return std::nullopt;
      return TaggedModel{name, at + 1 + name.size() - kLatestTag.size(), kLatestTag.size()};
    }
    if (at != std::string_view::npos) at = EndOfValue(body, at);
    if (at >= body.size() || body[at] != ',') return std::nullopt;
  }
}

}  // namespace patchbay::ollama
