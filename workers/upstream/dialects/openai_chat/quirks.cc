#include "workers/upstream/dialects/openai_chat/quirks.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "lib/base/check.h"

namespace patchbay::upstream::openai_chat {
namespace {

struct QuirkWord {
  std::string_view word;
  bool Quirks::*member;
};

constexpr QuirkWord kQuirkWords[] = {
    {"max_completion_tokens", &Quirks::max_completion_tokens},
    {"developer_role", &Quirks::developer_role},
    {"many_system_messages", &Quirks::many_system_messages},
    {"strict_tools", &Quirks::strict_tools},
    {"no_stream_options", &Quirks::no_stream_options},
    {"effort", &Quirks::effort},
    {"effort_object", &Quirks::effort_object},
    {"thinking_type", &Quirks::thinking_type},
    {"reasoning_back", &Quirks::reasoning_back},
    {"reasoning_as_text", &Quirks::reasoning_as_text},
    {"nine_character_ids", &Quirks::nine_character_ids},
    {"no_tool_choice", &Quirks::no_tool_choice},
    {"tool_choice_words", &Quirks::tool_choice_words},
    {"tool_choice_any", &Quirks::tool_choice_any},
    {"random_seed", &Quirks::random_seed},
    {"no_names", &Quirks::no_names},
    {"no_logprobs", &Quirks::no_logprobs},
    {"more_sampling", &Quirks::more_sampling},
    {"openai_fields", &Quirks::openai_fields},
    {"custom_tools", &Quirks::custom_tools},
    {"json_object_only", &Quirks::json_object_only},
};

}  // namespace

Quirks ReadQuirks(const google::protobuf::RepeatedPtrField<std::string>& words) {
  Quirks quirks;
  for (const std::string& word : words) {
    const auto found = std::find_if(std::begin(kQuirkWords), std::end(kQuirkWords),
                                    [&](const QuirkWord& row) { return row.word == word; });
    PATCHBAY_CHECK(found != std::end(kQuirkWords));  // the loader knows the same words
    quirks.*(found->member) = true;
  }
  return quirks;
}

}  // namespace patchbay::upstream::openai_chat
