// The models that the API with keys offers. Each stands for a family of providers and has its rules (providers §2, §3),
// so that one simulated host can be as many real ones as there are names here.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace patchbay::sim {

// Where the text of a model's reasoning comes back in Chat Completions (providers §2 rule 3).
enum class ReasoningForm { kNone, kContent, kReasoning, kDetails, kParts, kThink };

struct ApiModel {
  std::string_view id;
  ReasoningForm form = ReasoningForm::kNone;
  bool old_cap = true;          // max_tokens
  bool new_cap = true;          // max_completion_tokens
  bool developer = false;       // takes that role; else system is all there is
  bool one_system = false;      // a second system message, or one that is not first, is refused
  bool sampling = true;         // temperature, top_p, penalties, logprobs; else the defaults only
  bool penalties = true;        // presence_penalty, frequency_penalty, stop
  bool probabilities = true;    // logprobs, top_logprobs, logit_bias
  bool names = true;            // messages[].name
  bool extras = true;           // store, metadata, service_tier, prompt_cache_key, verbosity, user, safety_identifier
  bool stream_options = true;   // takes them; else it tells usage unasked
  bool reasoning_back = false;  // turns with tool calls carry their reasoning, exactly
  bool forced_tools = true;     // tool_choice other than auto and none
  bool short_ids = false;       // call ids of nine letters and digits; results carry the tool's name
  bool custom_tools = false;    // tools of free text
  bool vision = true;
  bool responses = false;                      // served at /v1/responses, too; there:
  bool labels = true;                          // metadata
  bool search_sources = true;                  // tells what a search found when it is asked to
  std::vector<std::string_view> efforts = {};  // reasoning_effort; none: the member is refused

  bool reasons() const { return form != ReasoningForm::kNone || !efforts.empty(); }
};

std::span<const ApiModel> ApiModels();
// Null: there is no such model.
const ApiModel* FindApiModel(std::string_view id);

}  // namespace patchbay::sim
