#include "workers/upstream/dialects/common/call_ids.h"

#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "workers/upstream/dialects/common/identifiers.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

class IdFitter {
 public:
  IdFitter(const RequestLimits& limits, AnswerPlan& plan) : limits_(limits), plan_(plan) {}

  void Call(std::string& id) {
    Uses& uses = uses_[id];
    const std::string client_id = id;
    id = Fitted(client_id, uses);
    if (id != client_id) plan_.call_ids.try_emplace(id, client_id);
    uses.open.push_back(id);
  }

  // A result whose call is answered already, or is not there, is told as the last call of its id.
  void Result(std::string& id) {
    Uses& uses = uses_[id];
    if (!uses.open.empty()) {
      uses.last = std::move(uses.open.front());
      uses.open.pop_front();
    }
    id = uses.last.empty() ? MadeToFit(id, limits_.call_ids) : uses.last;
  }

 private:
  // Of one of the client's ids.
  struct Uses {
    int count = 0;
    std::deque<std::string> open;  // calls that wait for their results, as the provider is told of them
    std::string last;              // that a result was for
  };

  std::string Fitted(const std::string& id, Uses& uses) {
    if (!limits_.unique_call_ids) return MadeToFit(id, limits_.call_ids);
    for (;;) {
      ++uses.count;
      std::string fitted = MadeToFit(uses.count == 1 ? id : id + "_" + std::to_string(uses.count), limits_.call_ids);
      if (used_.insert(fitted).second) return fitted;
    }
  }

  const RequestLimits& limits_;
  AnswerPlan& plan_;
  std::unordered_map<std::string, Uses> uses_;
  std::unordered_set<std::string> used_;
};

}  // namespace

void FitCallIds(inf::GenerateRequest& request, const RequestLimits& limits, AnswerPlan& plan) {
  IdFitter ids(limits, plan);
  for (inf::Item& item : *request.mutable_items()) {
    if (item.has_tool_call()) {
      ids.Call(*item.mutable_tool_call()->mutable_call_id());
    } else if (item.has_tool_result()) {
      ids.Result(*item.mutable_tool_result()->mutable_call_id());
    }
  }
}

}  // namespace patchbay::upstream
