// Which result answers which call, for clients that give calls no ids or the same ids again.
//
// Ids stay unique over all turns: clients without ids, and those that count from zero in every turn, must not make two
// calls into one. The same history always gives the same ids, which keeps the provider's prompt cache warm. Pure.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace patchbay::frontend::gemini {

class CallIds {
 public:
  // The id for a call that now waits for its result; `client_id` may be empty.
  std::string Open(const std::string& client_id, const std::string& name);
  // The id of the call that a result answers: by the client's id, else the first open one of its name. Without such a
  // call, of the one that the client's id was last answered for, and else what the result itself is known by.
  std::string Close(const std::string& client_id, const std::string& name);

 private:
  struct Call {
    std::string id;
    bool without_id;  // the client gave none
    bool open;
  };

  // The first that waits; of those `without_id` only when that is wanted.
  Call* FirstOpen(std::deque<std::size_t>& calls, bool without_id);

  std::vector<Call> calls_;
  std::map<std::string, std::deque<std::size_t>> by_client_id_, by_name_;  // indexes, oldest first
  std::map<std::string, std::string> answered_;                            // the client's id → ours
  std::map<std::string, int> counts_;
  std::set<std::string> used_;
};

}  // namespace patchbay::frontend::gemini
