// Where the provider's page sends the browser back to, at the end of a login: one small HTTP server on loopback, for as
// long as the command runs. It holds no secret; what it hears it hands on.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/base/result.h"

namespace patchbay::cli {

class CallbackListener {
 public:
  // What is made of the query that the browser brought ("code=…&state=…"). Called on the listener's own thread, by one
  // browser at a time. An error's message is shown to the person; the listener goes on.
  using Take = std::function<Result<void>(const std::string& query)>;

  // Listens on 127.0.0.1. kUnavailable: somebody else does.
  static Result<std::unique_ptr<CallbackListener>> Open(int port, const std::string& path, Take take);
  // Waits for the answer that is being written.
  ~CallbackListener();
  CallbackListener(const CallbackListener&) = delete;
  CallbackListener& operator=(const CallbackListener&) = delete;

  int port() const { return port_; }

 private:
  struct Running;
  CallbackListener(std::unique_ptr<Running> running, int port);
  std::unique_ptr<Running> running_;
  int port_;
};

// The page that the person sees at the end; `text` may be anybody's.
std::string CallbackPage(const std::string& title, const std::string& text);

}  // namespace patchbay::cli
