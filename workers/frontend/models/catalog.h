// The models a client may ask for, as accounts tells them: pushed at each change, so that a list is answered from
// memory, also while accounts restarts.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

class ModelCatalog {
 public:
  using ModelList = std::shared_ptr<const accounts::v1::ListModelsReply>;
  using Resolve = std::function<Awaitable<Result<accounts::v1::ResolveModelReply>>(std::string name)>;

  // How long somebody waits for the first list, or for one that is about to change: less than Claude Code does, which
  // gives up after 3 s (real-clients §7.2).
  static constexpr std::chrono::milliseconds kListWait{2'500};

  ModelCatalog(asio::any_io_executor executor, Resolve resolve)
      : executor_(std::move(executor)), resolve_(std::move(resolve)) {}

  // What accounts has told.
  void Put(accounts::v1::ListModelsReply list);

  // What there is, be it old or about to change; null before the first.
  ModelList now() const { return list_; }
  // Never null. kUnavailable when accounts has never told one.
  Awaitable<Result<ModelList>> List();
  // The model of that name: on the list, or what accounts makes of the name, with the name for its id. kNotFound, with
  // the words for the client, when it means nothing.
  Awaitable<Result<accounts::v1::ModelInfo>> Find(std::string name);

 private:
  bool settled() const { return list_ != nullptr && !list_->pending(); }

  asio::any_io_executor executor_;
  Resolve resolve_;
  ModelList list_;                                            // null: none yet
  std::vector<std::shared_ptr<asio::steady_timer>> waiting_;  // cut short by a list
};

}  // namespace patchbay::frontend
