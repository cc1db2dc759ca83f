#include "workers/frontend/dialects/gemini/call_ids.h"

namespace patchbay::frontend::gemini {

std::string CallIds::Open(const std::string& client_id, const std::string& name) {
  const std::string base = client_id.empty() ? "call" : client_id;
  std::string id = client_id.empty() ? "call_0" : client_id;
  // The count goes on where it stopped, so that many calls of one id cost no more than many of different ones.
  int& count = counts_[base];
  while (!used_.insert(id).second) id = base + "_" + std::to_string(++count);
  const std::size_t call = calls_.size();
  calls_.push_back({id, client_id.empty(), true});
  if (!client_id.empty()) by_client_id_[client_id].push_back(call);
  by_name_[name].push_back(call);
  return id;
}

std::string CallIds::Close(const std::string& client_id, const std::string& name) {
  const auto waiting = FirstOpen(by_client_id_[client_id], false);
  // A result with an id may still answer a call that had none.
  const auto call = waiting != nullptr ? waiting : FirstOpen(by_name_[name], !client_id.empty());
  if (call == nullptr) {
    if (client_id.empty()) return name;
    const auto again = answered_.find(client_id);
    return again == answered_.end() ? client_id : again->second;
  }
  call->open = false;
  if (waiting != nullptr) answered_[client_id] = call->id;
  return call->id;
}

CallIds::Call* CallIds::FirstOpen(std::deque<std::size_t>& calls, bool without_id) {
  while (!calls.empty() && !calls_[calls.front()].open) calls.pop_front();
  if (calls.empty()) return nullptr;
  Call& call = calls_[calls.front()];
  return without_id && !call.without_id ? nullptr : &call;
}

}  // namespace patchbay::frontend::gemini
