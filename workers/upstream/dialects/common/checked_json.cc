#include "workers/upstream/dialects/common/checked_json.h"

#include "lib/wire/json.h"

namespace patchbay::upstream {

Result<std::string> CheckedValue(std::string_view bytes, std::string_view where) {
  std::string text;
  text.reserve(bytes.size() + wire::kJsonPadding);
  text = bytes;
  const Result<void> valid = wire::ValidateJson(text, wire::kMaxJsonDepth, wire::Duplicates::kAllow);
  if (!valid.ok()) return Error(valid.error()).From(Origin::kClient).At(std::string(where));
  return text;
}

Result<std::string> CheckedObject(std::string_view bytes, std::string_view where) {
  ASSIGN_OR_RETURN(std::string text, CheckedValue(bytes, where));
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start != std::string::npos && text[start] == '{') return text;
  return Error(ErrorCode::kInvalidArgument, "a JSON object is needed here")
      .From(Origin::kClient)
      .At(std::string(where));
}

}  // namespace patchbay::upstream
