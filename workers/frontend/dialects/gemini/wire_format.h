// Pieces of JSON that the stream and the whole answer of Gemini have in common (client-protocols E.5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend::gemini {

// What stays the same over one answer.
struct ReplyIdentity {
  std::string id;
  std::string model;         // the client's own name for it
  bool enum_answer = false;  // one of an enum's words, without the quotes of JSON
  bool thoughts = false;     // the client wants to see them
  bool web_search = false;
};

// One part of an answer, in the order it was said.
struct ReplyPart {
  enum class Kind { kText, kThought, kCall, kImage };
  Kind kind = Kind::kText;
  std::string text;       // a call's arguments are JSON, an image is base64
  std::string id, name;   // of a call; an image's media type is its name
  std::string signature;  // of a call: the reasoning before it, to be played back
};

// How an answer ended.
struct ReplyEnd {
  std::string finish_reason;
  std::string finish_message;
  std::string signature;  // of reasoning that no call came after
  std::string grounding_json;
  std::optional<double> average_logprob;  // of the tokens of its text
  std::optional<inference::v1::Usage> usage;
};

// {"text":…}, {"functionCall":…}, …
void AppendPart(const ReplyPart& part, std::string& out);
// Behind "content": `,"finishReason":"STOP","index":0,…}],"usageMetadata":{…}`.
void AppendEnd(const ReplyEnd& end, std::string& out);

}  // namespace patchbay::frontend::gemini
