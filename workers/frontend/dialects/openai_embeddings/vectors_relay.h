// A provider's answer, passed on as it is, in the form of vectors that the client asked for.
#pragma once

#include <string>
#include <string_view>

#include "workers/frontend/call/reply_plan.h"

namespace patchbay::frontend::openai_embeddings {

// The answer with each vector that is a list of numbers as base64 of its floats, least significant byte first.
// kProtocol: it is no answer with vectors.
Result<std::string> InBase64(std::string_view answer);

// One document. Official SDKs ask for base64, and hosts that know nothing of it answer with lists all the same.
class VectorsRelay final : public RelayedReply {
 public:
  explicit VectorsRelay(bool wants_base64) : wants_base64_(wants_base64) {}

  Result<bool> Bytes(std::string_view bytes, std::string& out) override;
  Result<void> End(std::string& out) override;
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  const bool wants_base64_;
  std::string body_;
};

}  // namespace patchbay::frontend::openai_embeddings
