#include "workers/frontend/dialects/openai_completions/logprob_lists.h"

#include <set>
#include <string_view>

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/characters.h"

namespace patchbay::frontend::openai_completions {
namespace {

// The likeliest tokens, and the one that was chosen when it is none of them: up to one more than were asked for. Tokens
// that are pieces of characters can share a name; the likeliest comes first, and keeps it.
void AppendTop(const inference::v1::TokenLogprob& chosen, wire::JsonWriter& json) {
  std::set<std::string_view> told;
  const auto tell = [&](const inference::v1::TokenLogprob& logprob) {
    if (told.insert(logprob.token()).second) json.Key(logprob.token()).Double(logprob.logprob());
  };
  json.BeginObject();
  for (const inference::v1::TokenLogprob& logprob : chosen.top()) tell(logprob);
  tell(chosen);
  json.EndObject();
}

}  // namespace

void LogprobLists::Add(const TokenLogprobs& logprobs, std::int64_t begin) {
  tokens_.MergeFrom(logprobs);
  std::int64_t begun = 0;  // characters of these tokens
  for (const inference::v1::TokenLogprob& logprob : logprobs) {
    // Not every provider tells the bytes.
    const std::string_view text = logprob.bytes().empty() ? logprob.token() : logprob.bytes();
    const bool goes_on = begun > 0 && !text.empty() && !BeginsCharacter(text.front());
    offsets_.push_back(begin + begun - (goes_on ? 1 : 0));
    begun += CountCharacters(text);
  }
}

void LogprobLists::AppendTo(std::string& out) const {
  wire::JsonWriter json(out);
  if (tokens_.empty()) {
    json.Null();
    return;
  }
  json.BeginObject().Key("tokens").BeginArray();
  for (const inference::v1::TokenLogprob& logprob : tokens_) json.String(logprob.token());
  json.EndArray().Key("token_logprobs").BeginArray();
  for (const inference::v1::TokenLogprob& logprob : tokens_) json.Double(logprob.logprob());
  json.EndArray().Key("top_logprobs").BeginArray();
  for (const inference::v1::TokenLogprob& logprob : tokens_) AppendTop(logprob, json);
  json.EndArray().Key("text_offset").BeginArray();
  for (const std::int64_t offset : offsets_) json.Int(offset);
  json.EndArray().EndObject();
}

}  // namespace patchbay::frontend::openai_completions
