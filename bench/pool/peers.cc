#include "bench/pool/peers.h"

#include <algorithm>

namespace patchbay::bench {
namespace {

constexpr Seconds kAffinityLife = 6 * kHour;  // as ours

}  // namespace

const Reading* Known::reading(bool shortest, Seconds now) const {
  if (readings.empty()) return nullptr;
  const Reading& reading = shortest ? readings.front() : readings.back();
  return reading.resets_at > now ? &reading : nullptr;
}

double Known::used(bool shortest, Seconds now) const {
  const Reading* known = reading(shortest, now);
  return known == nullptr ? 0 : known->used_percent;
}

PeerPool::PeerPool(const Peer& peer, const Fleet& fleet) : rule_(peer.make()), affinity_(peer.affinity) {
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    known_.emplace_back();
    known_.back().account = i;
    known_.back().plan = &fleet.plan(i);
  }
}

std::optional<std::size_t> PeerPool::Begin(std::size_t, const Turn& turn, Seconds now) {
  std::vector<Known*> candidates;
  for (Known& known : known_) {
    if (known.exhausted_until <= now) candidates.push_back(&known);
  }
  if (candidates.empty()) return std::nullopt;
  Known* chosen = nullptr;
  const auto bound = bound_.find(turn.conversation);
  if (affinity_ && bound != bound_.end() && now - bound->second.last < kAffinityLife) {
    Known& owner = known_[bound->second.account];
    if (owner.exhausted_until <= now && !rule_->Leaves(owner, candidates, now)) chosen = &owner;
  }
  if (chosen == nullptr) chosen = rule_->Choose(candidates, now);
  ++chosen->requests;
  chosen->last_used = now;
  bound_[turn.conversation] = {chosen->account, now};
  return chosen->account;
}

std::optional<std::size_t> PeerPool::Refused(std::size_t call, const Turn& turn, std::size_t account, Seconds until,
                                             const std::vector<Reading>& readings, Seconds now) {
  known_[account].readings = readings;
  known_[account].exhausted_until = until;
  return Begin(call, turn, now);
}

void PeerPool::End(std::size_t, const Turn&, std::size_t account, const std::vector<Reading>& readings, Seconds) {
  known_[account].readings = readings;
}

}  // namespace patchbay::bench
