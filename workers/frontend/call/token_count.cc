#include "workers/frontend/call/token_count.h"

#include <algorithm>
#include <array>
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

enum class Class : std::uint8_t { kLower, kUpper, kDigit, kSpace, kLineEnd, kSign, kForeign, kIdeograph, kPicture };

// Of the character that begins with that byte.
constexpr Class ClassOf(unsigned char lead) {
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

constexpr auto kClasses = [] {
  std::array<Class, 256> classes{};
  for (std::size_t byte = 0; byte < classes.size(); ++byte) classes[byte] = ClassOf(static_cast<unsigned char>(byte));
  return classes;
}();

// How many characters from `at` on are of one class; `at` is moved behind them.
std::int64_t TakeRun(std::string_view text, Class kind, std::size_t& at) {
  const auto byte = [&] { return static_cast<unsigned char>(text[at]); };
  const std::size_t begin = at;
  if (kind < Class::kForeign) {  // ASCII
    while (at < text.size() && kClasses[byte()] == kind) ++at;
    return static_cast<std::int64_t>(at - begin);
  }
  std::int64_t characters = 0;
  for (; at < text.size() && kClasses[byte()] == kind; ++characters) at += byte() < 0xE0 ? 2 : byte() < 0xF0 ? 3 : 4;
  return characters;
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

// Counts every byte.
class Whole {
 public:
  void Add(std::string_view text) { tokens_ += EstimateTokens(text); }
  void AddTokens(std::int64_t tokens) { tokens_ += tokens; }
  std::int64_t tokens() const { return tokens_; }

 private:
  std::int64_t tokens_ = 0;
};

// Counts pieces from all over each text, until it has read enough.
class Sample {
 public:
  void Add(std::string_view text) {
    if (text.size() <= kPieces * kPieceBytes) return Read(text, text.size());
    const std::size_t share = text.size() / kPieces;
    for (std::size_t piece = 0; piece < kPieces; ++piece) {
      Read(text.substr(piece * share, piece + 1 < kPieces ? share : std::string_view::npos), kPieceBytes);
    }
  }
  void AddTokens(std::int64_t tokens) { tokens_ += tokens; }
  std::int64_t tokens() const {
    if (unread_ == 0) return tokens_ + sampled_;
    return tokens_ + static_cast<std::int64_t>(static_cast<double>(sampled_) *
                                               (1.0 + static_cast<double>(unread_) / static_cast<double>(read_)));
  }

 private:
  static constexpr std::size_t kPieces = 4;
  static constexpr std::size_t kPieceBytes = 256;

  void Read(std::string_view text, std::size_t bytes_max) {
    const std::size_t size = std::min({text.size(), bytes_max, kRoughBytes - read_});
    sampled_ += EstimateTokens(text.substr(0, size));
    read_ += size;
    unread_ += text.size() - size;
  }

  std::int64_t tokens_ = 0, sampled_ = 0;
  std::size_t read_ = 0, unread_ = 0;
};

template <class Counter, class Parts>
void AddParts(Counter& counter, const Parts& parts) {
  for (const auto& part : parts) {
    counter.Add(part.text());
    counter.Add(part.refusal());
    if (part.has_image()) counter.AddTokens(kImageTokens);
    if (part.has_file()) {
      counter.AddTokens(static_cast<std::int64_t>(part.file().url().size()) / kFileBytesPerToken);
    }
    if (part.has_audio()) {
      counter.AddTokens(static_cast<std::int64_t>(part.audio().data_base64().size()) / kFileBytesPerToken);
    }
  }
}

template <class Counter>
void AddItem(Counter& counter, const inference::v1::Item& item) {
  counter.AddTokens(kMessageTokens);
  AddParts(counter, item.message().parts());
  AddParts(counter, item.tool_result().parts());
  counter.Add(item.tool_call().name());
  counter.Add(item.tool_call().input());
  for (const auto& summary : item.reasoning().summary()) counter.Add(summary);
  counter.Add(item.opaque().json());
  counter.Add(item.hosted_tool().other().json());
  for (const auto& query : item.hosted_tool().web_search().queries()) counter.Add(query);
}

template <class Counter>
void AddTool(Counter& counter, const inference::v1::Tool& tool) {
  for (const auto& inner : tool.namespace_().tools()) AddTool(counter, inner);
  const auto& function = tool.function();
  counter.AddTokens(kToolTokens);
  counter.Add(tool.custom().name());
  counter.Add(tool.custom().description());
  counter.Add(tool.custom().grammar_definition());
  counter.Add(function.name());
  counter.Add(function.description());
  counter.Add(function.parameters_json());
  counter.Add(tool.opaque().json());
  for (const auto& domain : tool.web_search().allowed_domains()) counter.Add(domain);
}

template <class Counter>
std::int64_t Count(const inference::v1::GenerateRequest& request) {
  Counter counter;
  counter.AddTokens(kReplyTokens);
  if (!request.instructions().empty()) counter.AddTokens(kMessageTokens);
  counter.Add(request.instructions());
  for (const auto& item : request.items()) AddItem(counter, item);
  for (const auto& tool : request.tools()) AddTool(counter, tool);
  counter.Add(request.output_format().schema_json());
  return counter.tokens();
}

}  // namespace

std::int64_t EstimateTokens(std::string_view text) {
  std::int64_t quarters = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Class kind = kClasses[static_cast<unsigned char>(text[at])];
    quarters += QuartersOf(kind, TakeRun(text, kind, at));
  }
  return (quarters + kQuarters - 1) / kQuarters;
}

std::int64_t EstimateTokens(const inference::v1::GenerateRequest& request) { return Count<Whole>(request); }

std::int64_t RoughTokens(const inference::v1::GenerateRequest& request) { return Count<Sample>(request); }

}  // namespace patchbay::frontend
