#include "workers/frontend/call/token_count.h"

#include <cstddef>

namespace patchbay::frontend {
namespace {

// In quarters of a token, so that short pieces can be cheap without fractions.
constexpr std::int64_t kQuarters = 4;
constexpr std::int64_t kMessageTokens = 4;
constexpr std::int64_t kToolTokens = 12;
constexpr std::int64_t kReplyTokens = 3;
constexpr std::int64_t kImageTokens = 800;       // a picture of a megapixel
constexpr std::int64_t kFileBytesPerToken = 24;  // of base64: a page of text is about 3 KB of PDF

enum class Class { kLower, kUpper, kDigit, kSpace, kLineEnd, kSign, kForeign, kIdeograph, kPicture };

// The class of the character that begins at `lead`, and its length in bytes.
Class ClassOf(unsigned char lead, std::size_t& size) {
  size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead >= 'a' && lead <= 'z') return Class::kLower;
  if (lead >= 'A' && lead <= 'Z') return Class::kUpper;
  if (lead >= '0' && lead <= '9') return Class::kDigit;
  if (lead == '\n' || lead == '\r') return Class::kLineEnd;
  if (lead == ' ' || lead == '\t') return Class::kSpace;
  if (lead < 0x80) return Class::kSign;
  if (lead < 0xE3) return Class::kForeign;    // accented Latin, Greek, Cyrillic, Arabic, Indic …
  if (lead < 0xF0) return Class::kIdeograph;  // kana, han, hangul
  return Class::kPicture;
}

// A run of characters of one class is about one piece of the tokeniser's.
std::int64_t QuartersOf(Class kind, std::int64_t characters) {
  switch (kind) {
    // Common words are one token however long; beyond a dozen letters few are common.
    case Class::kLower: return kQuarters + (characters > 9 ? (characters - 9) : 0);
    case Class::kUpper: return characters <= 1 ? 0 : kQuarters * ((characters + 3) / 4);
    case Class::kDigit: return kQuarters * ((characters + 2) / 3);
    case Class::kSpace: return characters <= 1 ? 0 : kQuarters;
    case Class::kLineEnd: return 3;
    case Class::kSign: return 1 + 2 * characters;
    case Class::kForeign: return 1 + characters * 5 / 4;
    case Class::kIdeograph: return characters * 7 / 2;
    case Class::kPicture: return characters * 10;
  }
  return 0;
}

template <class Parts>
std::int64_t OfParts(const Parts& parts) {
  std::int64_t tokens = 0;
  for (const auto& part : parts) {
    tokens += EstimateTokens(part.text()) + EstimateTokens(part.refusal());
    if (part.has_image()) tokens += kImageTokens;
    if (part.has_file()) tokens += static_cast<std::int64_t>(part.file().url().size()) / kFileBytesPerToken;
  }
  return tokens;
}

std::int64_t OfItem(const inference::v1::Item& item) {
  std::int64_t tokens = kMessageTokens + OfParts(item.message().parts()) + OfParts(item.tool_result().parts());
  tokens += EstimateTokens(item.tool_call().name()) + EstimateTokens(item.tool_call().input());
  for (const auto& summary : item.reasoning().summary()) tokens += EstimateTokens(summary);
  return tokens + EstimateTokens(item.hosted_tool().json());
}

std::int64_t OfTool(const inference::v1::Tool& tool) {
  const auto& function = tool.function();
  return kToolTokens + EstimateTokens(function.name()) + EstimateTokens(function.description()) +
         EstimateTokens(function.parameters_json()) + EstimateTokens(tool.hosted().options_json());
}

}  // namespace

std::int64_t EstimateTokens(std::string_view text) {
  std::int64_t quarters = 0, run = 0;
  Class run_class = Class::kSpace;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = 1;
    const Class kind = ClassOf(static_cast<unsigned char>(text[at]), size);
    if (kind != run_class) {
      quarters += QuartersOf(run_class, run);
      run = 0;
      run_class = kind;
    }
    ++run;
    at += size;
  }
  quarters += QuartersOf(run_class, run);
  return (quarters + kQuarters - 1) / kQuarters;
}

std::int64_t EstimateTokens(const inference::v1::GenerateRequest& request) {
  std::int64_t tokens = kReplyTokens;
  if (!request.instructions().empty()) tokens += kMessageTokens + EstimateTokens(request.instructions());
  for (const auto& item : request.items()) tokens += OfItem(item);
  for (const auto& tool : request.tools()) tokens += OfTool(tool);
  return tokens + EstimateTokens(request.output_format().schema_json());
}

}  // namespace patchbay::frontend
