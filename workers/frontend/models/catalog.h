// The models a client may ask for, as accounts lists them; cached, so that the list is there while
// accounts restarts.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

class ModelCatalog {
 public:
  // A list older than this is asked for anew when somebody wants it.
  static constexpr std::chrono::seconds kFresh{2};

  using Fetch = std::function<Awaitable<Result<accounts::v1::ListModelsReply>>()>;
  using Resolve = std::function<Awaitable<Result<accounts::v1::ResolveModelReply>>(std::string name)>;

  ModelCatalog(Fetch fetch, Resolve resolve, const Clock& clock)
      : fetch_(std::move(fetch)), resolve_(std::move(resolve)), clock_(clock) {}

  // The cached list when it is fresh or accounts does not answer; kUnavailable when there never was one.
  Awaitable<Result<accounts::v1::ListModelsReply>> List();
  // The model of that name: on the list, or what accounts makes of the name, with the name for its id. kNotFound when
  // it means nothing.
  Awaitable<Result<accounts::v1::ModelInfo>> Find(std::string name);
  // Asks accounts now; keeps what it had when that fails.
  Awaitable<Result<void>> Refresh();

 private:
  Fetch fetch_;
  Resolve resolve_;
  const Clock& clock_;
  std::optional<accounts::v1::ListModelsReply> cached_;
  SteadyTime fetched_at_{};
};

}  // namespace patchbay::frontend
