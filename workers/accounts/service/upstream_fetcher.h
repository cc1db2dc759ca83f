// Fetcher over upstream.v1.Upstream/Fetch.
#pragma once

#include <memory>

#include "workers/accounts/tokens/fetcher.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::accounts {

std::unique_ptr<Fetcher> MakeUpstreamFetcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream);

}  // namespace patchbay::accounts
