// Where hosts of Chat Completions differ from what nearly all of them take (providers §1, §2). A provider's row names
// its quirks in these words; one that names none gets the safe body of providers §2 rule 1.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

namespace patchbay::upstream::openai_chat {

struct Quirks {
  bool max_completion_tokens = false;  // the cap is called so, and not max_tokens
  bool developer_role = false;         // takes the role `developer`
  bool many_system_messages = false;   // and not one, first
  bool strict_tools = false;           // honours `strict` in tools
  bool no_stream_options = false;      // refuses them; usage comes unasked
  bool effort = false;                 // reasoning_effort
  bool effort_object = false;          // reasoning: {effort | max_tokens}
  bool thinking_type = false;          // thinking: {type}
  bool reasoning_back = false;         // earlier turns with tool calls must carry their reasoning text
  bool reasoning_as_text = false;      // what goes back of it is text of the message
  bool nine_character_ids = false;     // of calls; results carry names, and no user's turn follows them (rule 8)
  bool no_tool_choice = false;         // refuses it while it thinks
  bool tool_choice_words = false;      // only none, auto and required
  bool tool_choice_any = false;        // `any` for required
  bool random_seed = false;            // that is what seed is called
  bool no_names = false;               // refuses messages[].name
  bool no_logprobs = false;            // refuses logprobs and top_logprobs
  bool more_sampling = false;          // takes top_k, min_p and repetition_penalty
  bool openai_fields = false;          // takes metadata, service_tier, prompt_cache_key, verbosity, logit_bias, n, user
  bool custom_tools = false;           // tools of free text
  bool json_object_only = false;       // knows no json_schema
};

// The words must be among those above; the loader of rows has seen to it (lib/catalog).
Quirks ReadQuirks(const google::protobuf::RepeatedPtrField<std::string>& words);

}  // namespace patchbay::upstream::openai_chat
