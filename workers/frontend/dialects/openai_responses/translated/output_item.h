// One item of an answer while it is being told: what it has been given so far, and its JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/inference/v1/event.pb.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend::openai_responses::translated {

// A piece of a message's content, of a reasoning's content or of its summary.
struct OutputPart {
  enum class Kind { kText, kRefusal, kReasoning, kSummary };
  Kind kind = Kind::kText;
  int part = 0;  // as the provider numbers them
  std::string text;
  std::string annotations;  // JSON objects, separated by commas
  int annotation_count = 0;
  std::string logprobs;  // the same
  bool open = true;

  // The part as it stands in an item. A refusal is a text for a client that knows no refusals.
  std::string Json() const;
};

class OutputItem {
 public:
  enum class Kind { kMessage, kReasoning, kFunctionCall, kCustomCall, kSearchCall, kOwnForm };

  // `number` is its place in the answer, `unique` what makes its id one of this answer. kOwnForm when the item is the
  // provider's own tool, or one that only this dialect has. `searches_tools`: the client runs a tool search
  // (tool_search.h).
  OutputItem(const inference::v1::Item& item, int number, std::string_view unique, bool searches_tools = false);
  // False for what this dialect cannot say: no such item is made.
  static bool CanBeTold(const inference::v1::Item& item);

  Kind kind() const { return kind_; }
  const std::string& id() const { return id_; }
  // `"output_index":n,"item_id":"…"`: what every event about the item has.
  const std::string& place() const { return place_; }
  std::string_view name() const { return name_; }          // of a call
  std::string_view own_type() const { return own_type_; }  // of kOwnForm: "web_search_call"
  int number() const { return number_; }

  // The part that is being told; null when none is.
  OutputPart* open_part() { return parts_.empty() || !parts_.back().open ? nullptr : &parts_.back(); }
  OutputPart& AddPart(OutputPart::Kind kind, int part);
  // Which of its kind a part is: content and summary are counted apart.
  int IndexOf(const OutputPart& part) const;
  std::string& input() { return input_; }  // of a call
  const std::vector<OutputPart>& parts() const { return parts_; }

  // As it is announced, and as it is when it is over: with `status`, which reasoning has not. `whole` is what the
  // provider has of it.
  std::string AddedJson(const inference::v1::Item& item) const;
  std::string DoneJson(const inference::v1::Item& whole, std::string_view status) const;

  // Bytes that were told as deltas.
  std::size_t text_bytes = 0, refusal_bytes = 0, reasoning_bytes = 0;
  bool over = false;

 private:
  Kind kind_;
  int number_;
  std::string id_, place_, name_, call_id_, namespace_, own_type_;
  std::vector<OutputPart> parts_;
  std::string input_;
};

// A citation as an annotation of a text that has `characters` so far; empty when this dialect has no such.
std::string AnnotationJson(const inference::v1::Citation& citation, std::int64_t characters);

}  // namespace patchbay::frontend::openai_responses::translated
