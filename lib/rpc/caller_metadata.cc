#include "lib/rpc/caller_metadata.h"

#include "lib/base/text.h"

namespace patchbay::rpc {
namespace {

constexpr std::string_view kScheme = "bearer";

std::string_view ViewOf(grpc::string_ref text) { return {text.data(), text.size()}; }

}  // namespace

std::vector<std::string> KeysIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  std::vector<std::string> keys;
  const auto add = [&](std::string_view key) {
    if (!key.empty()) keys.emplace_back(key);
  };
  for (auto [at, end] = metadata.equal_range("x-patchbay-key"); at != end; ++at) add(Trim(ViewOf(at->second), kBlanks));
  for (auto [at, end] = metadata.equal_range("authorization"); at != end; ++at) {
    std::string_view value = Trim(ViewOf(at->second), kBlanks);
    if (!StartsWithIgnoreCase(value, kScheme)) continue;
    value.remove_prefix(kScheme.size());
    const std::string_view token = TrimStart(value, kBlanks);
    if (token.size() != value.size()) add(token);
  }
  return keys;
}

std::string AddressOfPeer(std::string_view peer) {
  const std::size_t family = peer.find(':');
  const std::size_t port = peer.rfind(':');
  if (family == std::string_view::npos || port <= family) return {};
  std::string_view host = peer.substr(family + 1, port - family - 1);
  for (const std::string_view open : {"%5B", "["}) {
    if (host.starts_with(open)) host.remove_prefix(open.size());
  }
  for (const std::string_view close : {"%5D", "]"}) {
    if (host.ends_with(close)) host.remove_suffix(close.size());
  }
  return std::string(host);
}

}  // namespace patchbay::rpc
