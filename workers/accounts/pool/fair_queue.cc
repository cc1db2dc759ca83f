#include "workers/accounts/pool/fair_queue.h"

#include <algorithm>

namespace patchbay::accounts {

FairQueue::Line& FairQueue::LineOf(const ClientKeyId& key) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) return *found->second;
  lines_.push_back({key, {}});
  by_key_.emplace(key, std::prev(lines_.end()));
  return lines_.back();
}

void FairQueue::Drop(std::list<Line>::iterator line) {
  by_key_.erase(line->key);
  lines_.erase(line);
}

void FairQueue::PushBack(const ClientKeyId& key, std::uint64_t serial) {
  LineOf(key).waiting.push_back(serial);
  ++size_;
}

void FairQueue::PushFront(const ClientKeyId& key, std::uint64_t serial) {
  LineOf(key).waiting.push_front(serial);
  ++size_;
}

void FairQueue::Remove(const ClientKeyId& key, std::uint64_t serial) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  auto& waiting = found->second->waiting;
  const auto at = std::find(waiting.begin(), waiting.end(), serial);
  if (at == waiting.end()) return;
  waiting.erase(at);
  --size_;
  if (waiting.empty()) Drop(found->second);
}

void FairQueue::Serve(const std::function<bool()>& capacity, const std::function<bool(std::uint64_t)>& serve) {
  std::size_t without_success = 0;
  while (!lines_.empty() && without_success < lines_.size()) {
    if (!capacity()) return;
    const auto line = lines_.begin();
    // Somebody further back in the line may be served when the first cannot be: they may need different accounts.
    const auto taken = std::find_if(line->waiting.begin(), line->waiting.end(), serve);
    if (taken == line->waiting.end()) {
      ++without_success;
      lines_.splice(lines_.end(), lines_, line);
      continue;
    }
    without_success = 0;
    line->waiting.erase(taken);
    --size_;
    if (line->waiting.empty()) {
      Drop(line);
    } else {
      lines_.splice(lines_.end(), lines_, line);
    }
  }
}

}  // namespace patchbay::accounts
