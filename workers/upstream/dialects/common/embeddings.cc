#include "workers/upstream/dialects/common/embeddings.h"

#include "lib/wire/json_reader.h"

namespace patchbay::upstream {

Result<void> EmbeddingsObserver::Feed(std::string_view bytes) {
  RETURN_IF_ERROR(brackets_.Feed(bytes));
  if (summary_.ended) return {};  // only space may follow
  document_.append(bytes);
  if (!brackets_.summary().ended) return {};
  summary_.ended = true;
  wire::JsonReader(document_).ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "model") {
      summary_.model = std::string(value.Text());
    } else if (key == "usage") {
      wire::JsonReader(value.RawObject()).ForEachMember([&](std::string_view name, wire::JsonValue number) {
        if (name != "prompt_tokens") return;
        const std::int64_t tokens = number.Int(-1);
        summary_.has_usage = tokens >= 0;
        if (summary_.has_usage) summary_.usage.set_input_tokens(tokens);
      });
    }
  });
  document_ = {};
  return {};
}

}  // namespace patchbay::upstream
