// What one client asked and got, for a recording that the gateway makes of its call (patchbay record). Until the
// gateway says that it makes one, the request's own bytes are all that is kept, and no more than a recording may hold;
// from there on what the client is answered is noted beside it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "workers/ollama/server/answers.h"
#include "workers/ollama/server/gateway.h"

namespace patchbay::ollama {

class ClientNotes {
 public:
  // As much as the gateway keeps, of a request and of an answer, each.
  static constexpr std::size_t kMaxBytes = 2 * 1024 * 1024;

  // `path` lives as long as the process.
  ClientNotes(std::string_view path, std::string body);

  // The gateway records the call, by that id. All that is answered to `request` from here on is noted. Of several calls
  // for one request the last one counts.
  void Begin(Request& request, const std::string& recording);
  // The gateway has answered: nobody who has not said so by now records it.
  void Settle();
  // Tells the gateway, when the answer is over. Nothing where nobody records.
  Awaitable<void> Tell(Gateway& gateway, std::string model, bool stream);

 private:
  const std::string_view path_;
  std::string body_;
  bool cut_ = false;
  std::shared_ptr<gateway::v1::Recording> told_;  // null while nobody records; shared with the exchange that notes
};

}  // namespace patchbay::ollama
