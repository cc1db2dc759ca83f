// A provider's Chat Completions answer, passed on byte for byte; a parser beside the bytes watches.
#pragma once

#include <string>
#include <string_view>

#include "lib/wire/sse.h"
#include "workers/frontend/call/reply_plan.h"

namespace patchbay::frontend::openai_chat {

// A stream. Whole events only, so that whatever stands between two of them is ours to say. With `keeps_usage` the chunk
// that tells nothing but what the answer costs is not passed on: the client did not ask for it, we did.
class ChatStreamRelay final : public RelayedReply {
 public:
  // More than any event has.
  static constexpr std::size_t kMaxEventBytes = std::size_t{64} << 20;

  explicit ChatStreamRelay(bool keeps_usage) : keeps_usage_(keeps_usage) {}

  Result<bool> Bytes(std::string_view bytes, std::string& out) override;
  Result<void> End(std::string&) override { return {}; }  // the provider's own last event has passed
  void Break(const Problem& problem, std::string& out) override;

 private:
  void See(std::string_view data);
  // Whole events, without those that tell of usage alone.
  static void AppendWithoutUsage(std::string_view events, std::string& out);

  const bool keeps_usage_;
  wire::SseParser parser_;
  std::string carry_;  // bytes of an event that is not whole yet
  bool carried_output_ = false;
  bool told_usage_ = false;  // in a chunk of its own
  bool ended_ = false;       // by the provider's own end or error
};

// One JSON document.
class ChatDocumentRelay final : public RelayedReply {
 public:
  Result<bool> Bytes(std::string_view bytes, std::string& out) override {
    out.append(bytes);
    return true;
  }
  Result<void> End(std::string&) override { return {}; }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error
};

}  // namespace patchbay::frontend::openai_chat
