// The models a client may ask for, as accounts lists them; cached, so that the list is there while
// accounts restarts.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/rpc/asio.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

class ModelCatalog {
 public:
  // A list older than this is asked for anew when somebody wants it.
  static constexpr std::chrono::seconds kFresh{30};

  using Fetch = std::function<Awaitable<Result<accounts::v1::ListModelsReply>>()>;

  ModelCatalog(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  // The cached list when it is fresh or accounts does not answer; kUnavailable when there never was one.
  Awaitable<Result<accounts::v1::ListModelsReply>> List();
  // Asks accounts now; keeps what it had when that fails.
  Awaitable<Result<void>> Refresh();

 private:
  Fetch fetch_;
  const Clock& clock_;
  std::optional<accounts::v1::ListModelsReply> cached_;
  SteadyTime fetched_at_{};
};

// OpenAI's shapes (client-protocols B.9): one model, and the list.
std::string OpenAiModel(const accounts::v1::ModelInfo& model);
std::string OpenAiModelList(const accounts::v1::ListModelsReply& models);

}  // namespace patchbay::frontend
