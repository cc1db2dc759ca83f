// Replies that a test has written itself: what the model says to the next requests, word for word. The conversation
// with a real command line client needs them, because only the test knows the client's tools and what they shall do.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "tests/sim/answer.h"

namespace patchbay::sim {

// One output item.
struct ScriptedItem {
  enum class Kind { kText, kReasoning, kFunction, kCustom, kRefusal, kWebSearch, kImage };
  Kind kind = Kind::kText;
  std::string text;        // the text, summary, arguments, input, refusal, query or prompt
  std::string name;        // of the called tool
  std::string name_space;  // of the called tool; empty when it is in none
};

struct ScriptedReply {
  std::vector<ScriptedItem> items;
  std::string body_has;    // only for a request whose body has this text; empty: for any
  std::string incomplete;  // ends as response.incomplete for this reason; empty: completed
  Scenario delivery;       // pace, framing and interruption, as in a marker
};

// {"output":[{"text":"…"}|{"reasoning":"…"}|{"function":"NAME","arguments":{…}|"…","namespace":"…"}|
//            {"custom":"NAME","input":"…"}|{"refusal":"…"}|{"web_search":"QUERY"}|{"image":"PROMPT"}],
//  "body_has":"…","incomplete":"max_output_tokens", any other scalar member is a parameter of the stream}
Result<ScriptedReply> ParseScripted(const json::object& body);

// The called tool among those that the request offers.
Result<OfferedTool> FindScriptedTool(const json::object& request, const ScriptedItem& item);

inline constexpr std::size_t kScriptedPieceBytes = 12;

// The stream; an error when a called tool is not among those that the request offers.
Result<Script> RenderScripted(const Facts& facts, const ScriptedReply& reply);

// Replies waiting for their request, oldest first.
class ScriptedReplies {
 public:
  static constexpr std::size_t kMaxWaiting = 1000;

  // All of {"replies":[…]} or none.
  Result<void> Add(const json::object& body);
  // The first reply that fits the request.
  std::optional<ScriptedReply> Take(std::string_view request_body);
  std::size_t waiting() const { return waiting_.size(); }
  void Clear() { waiting_.clear(); }

 private:
  std::deque<ScriptedReply> waiting_;
};

}  // namespace patchbay::sim
