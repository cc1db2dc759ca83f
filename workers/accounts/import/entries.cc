#include "workers/accounts/import/entries.h"

#include <algorithm>

#include "lib/base/text.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;
using wire::Member;

// Lists of lists of lists: no program writes more.
constexpr int kDepthMax = 4;
constexpr std::size_t kTokenBytesLeast = 20;

// The end of the JSON object or list at the beginning of `text`; npos when it has none.
std::size_t EndOfValue(std::string_view text) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Several documents behind each other, lines with one each, lines with a token each.
std::vector<json> Pieces(std::string_view text) {
  std::vector<json> pieces;
  for (text = TrimStart(text); !text.empty(); text = TrimStart(text)) {
    const bool is_value = text.front() == '{' || text.front() == '[';
    const std::size_t end = is_value ? EndOfValue(text) : std::min(text.find('\n'), text.size());
    if (end == std::string_view::npos) return {};
    const std::string_view piece = Trim(text.substr(0, end));
    text.remove_prefix(end);
    json value = is_value ? wire::ParseOrNothing(piece) : json();
    if (!is_value) {
      std::string_view word = piece;
      if (StartsWithIgnoreCase(word, "bearer ")) word = TrimStart(word.substr(7));
      if (!IsToken(word)) return {};
      value = word;
    }
    if (value.is_discarded()) return {};
    pieces.push_back(std::move(value));
  }
  return pieces;
}

class Unwrapping {
 public:
  explicit Unwrapping(std::size_t max) : max_(max) {}

  Result<void> Take(const json& value, int depth = 0) {
    if (depth > kDepthMax) return Error(ErrorCode::kInvalidArgument, "the document's lists are too deep");
    if (value.is_array()) return TakeAll(value, depth);
    for (const char* wrapper : {"accounts", "exported_data"}) {
      if (!value.is_object() || !value.contains(wrapper)) continue;
      if (!value[wrapper].is_array()) {
        return Error(ErrorCode::kInvalidArgument, "\"" + std::string(wrapper) + "\" is not a list");
      }
      return TakeAll(value[wrapper], depth);
    }
    // An answer's envelope; within a backup, each program's part.
    const json& data = Member(value, "data");
    if (data.is_array() || Member(data, "accounts").is_array()) return Take(data, depth + 1);
    if (IsByProvider(value)) {
      for (const auto& [provider, entry] : value.items()) {
        json named = entry;
        named["provider"] = provider;
        RETURN_IF_ERROR(Add(std::move(named)));
      }
      return {};
    }
    return Add(value);
  }
  std::vector<json> entries;

 private:
  // opencode's auth.json: `{"openai": {"type": "oauth", "refresh": …}}`.
  static bool IsByProvider(const json& value) {
    if (!value.is_object() || value.empty()) return false;
    return std::all_of(value.begin(), value.end(), [](const json& entry) {
      const std::string type = wire::TextOf(entry, "type");
      return (type == "oauth" && entry.contains("refresh")) || (type == "api" && entry.contains("key"));
    });
  }
  Result<void> TakeAll(const json& list, int depth) {
    for (const json& entry : list) {
      if (entry.is_object() || entry.is_array()) {
        RETURN_IF_ERROR(Take(entry, depth + 1));
      } else {
        RETURN_IF_ERROR(Add(entry));
      }
    }
    return {};
  }
  Result<void> Add(json entry) {
    if (entries.size() >= max_) return Error(ErrorCode::kTooLarge, "the document holds too many accounts");
    entries.push_back(std::move(entry));
    return {};
  }
  std::size_t max_;
};

}  // namespace

bool IsToken(std::string_view word) {
  return word.size() >= kTokenBytesLeast && std::all_of(word.begin(), word.end(), [](char c) {
           return IsLetterOrDigit(c) || std::string_view("-_.~+/=").find(c) != std::string_view::npos;
         });
}

Result<std::vector<json>> EntriesOf(std::string_view text, std::size_t max) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Unwrapping unwrapping(max);
  const json whole = wire::ParseOrNothing(text);
  if (!whole.is_discarded()) {
    RETURN_IF_ERROR(unwrapping.Take(whole));
    return std::move(unwrapping.entries);
  }
  const std::vector<json> pieces = Pieces(text);
  if (pieces.empty()) {
    return Error(ErrorCode::kInvalidArgument, "the document is neither JSON nor a token on each line");
  }
  for (const json& piece : pieces) RETURN_IF_ERROR(unwrapping.Take(piece));
  return std::move(unwrapping.entries);
}

}  // namespace patchbay::accounts
