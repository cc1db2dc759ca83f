// Writes the provider's event streams (codex-wire §6, §7) as bytes with marks: what is sent, and what happens in
// between. No sockets and no clock: the same facts always give the same script.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "tests/sim/json_text.h"
#include "tests/sim/pace.h"

namespace patchbay::sim {

// What is known about the request that is being answered.
struct Facts {
  const json::object* request = nullptr;
  std::string_view account_id;
  std::string id;  // makes every id of this answer: resp_<id>, msg_<id>, …
  long long created_at = 0;
  long long input_tokens = 0;
  long long cached_tokens = 0;
};

// The writer every kind of answer is made with.
class ScriptWriter final : public PacedScript {
 public:
  ScriptWriter(const Facts& facts, Delivery delivery, Interruption interruption);

  // Opens an event: type and sequence number are written; the caller appends ,"member":value and calls End.
  std::string& Begin(std::string_view type);
  void End() { CloseEvent("}"); }
  // response.created and response.in_progress; interrupts when that is due before any output.
  void Start();
  // response.completed, or response.incomplete with its reason.
  void Complete(long long output_tokens, long long reasoning_tokens, bool end_turn, std::string_view extra = {});
  void Incomplete(std::string_view reason, long long output_tokens);

  const Facts& facts() const { return facts_; }

 private:
  void WriteFailure() override;
  void WriteUnknown() override;
  void WriteBroken() override;
  void UsageInto(std::string& out, long long output_tokens, long long reasoning_tokens);
  void ResponseHead(std::string& out, std::string_view status);
  void WholeResponse(std::string& out);

  const Facts& facts_;
  long long sequence_ = 0;
};

}  // namespace patchbay::sim
