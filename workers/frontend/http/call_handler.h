// What a dialect takes: model calls, which go to the engine, and what it answers by itself.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/async/time_source.h"
#include "workers/frontend/dialects/registry.h"
#include "workers/frontend/engine/engine.h"
#include "workers/frontend/http/http_reply.h"
#include "workers/frontend/http/request.h"
#include "workers/frontend/quota/client_quotas.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {

class CallHandler {
 public:
  // The references outlive the handler and its requests. `recorder` may be null: nobody can record.
  CallHandler(asio::any_io_executor executor, async::TimeSource& time, const Dialects& dialects, Engine& engine,
              ClientQuotas& quotas, Recorder* recorder)
      : executor_(std::move(executor)),
        time_(time),
        dialects_(dialects),
        engine_(engine),
        quotas_(quotas),
        recorder_(recorder) {}

  // For requests from now on.
  void SetSettings(const Settings& settings) { settings_ = settings; }

  Awaitable<void> Call(Request& request);
  Awaitable<void> CountTokens(Request& request);
  // About an answer that is kept.
  Awaitable<void> StoredAnswer(Request& request);

 private:
  // Nothing when the body could not be read; the client has its answer then.
  Awaitable<std::optional<std::string>> ReadBody(Request& request);
  // Refers to the request.
  DialectRequest DialectRequestOf(const Request& request, std::string body) const;
  CallSpec SpecFor(Request& request, frontend::Call call) const;
  // In whose headers the client reads what quota is left; none: the provider's own pass.
  std::optional<HeaderList> QuotaHeadersFor(const Request& request, const std::string& provider) const;
  void ShowQuotaWith(Request& request, const Problem& problem) const;
  void Record(Request& request, const std::string& body);
  // The end of the answer, as the outcome has it.
  Awaitable<void> Conclude(Request& request, std::shared_ptr<HttpReply> reply);

  asio::any_io_executor executor_;
  async::TimeSource& time_;
  const Dialects& dialects_;
  Engine& engine_;
  ClientQuotas& quotas_;
  Recorder* recorder_;
  Settings settings_;
};

}  // namespace patchbay::frontend
