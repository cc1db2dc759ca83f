#include "workers/upstream/dialects/common/openai_words.h"

#include "lib/wire/json_reader.h"

namespace patchbay::upstream {

namespace inf = inference::v1;

std::string_view OpenAiTierName(inf::Tier tier) {
  switch (tier) {
    case inf::TIER_STANDARD: return "default";
    case inf::TIER_PRIORITY: return "priority";
    case inf::TIER_FLEX: return "flex";
    case inf::TIER_SCALE: return "scale";
    default: return {};
  }
}

void ReadOpenAiLogprob(std::string_view object, inf::TokenLogprob& out) {
  wire::JsonReader reader(object);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "token") {
      out.set_token(std::string(value.Text()));
    } else if (key == "logprob") {
      out.set_logprob(value.Number().value_or(0));
    } else if (key == "bytes") {
      wire::JsonReader bytes(value.RawArray());
      bytes.ForEachElement(
          [&](wire::JsonValue byte) { out.mutable_bytes()->push_back(static_cast<char>(byte.Int())); });
    } else if (key == "top_logprobs") {
      wire::JsonReader others(value.RawArray());
      others.ForEachElement([&](wire::JsonValue other) { ReadOpenAiLogprob(other.RawObject(), *out.add_top()); });
    }
  });
}

}  // namespace patchbay::upstream
