#include "workers/upstream/dialects/common/sealed_reasoning.h"

#include <algorithm>

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

bool IsSealed(const inf::ReasoningItem& reasoning) {
  return !reasoning.encrypted_content().empty() || !reasoning.signature().empty();
}

}  // namespace

void MarkSealed(const std::string& provider, int first, GenerateEvents& events) {
  for (int i = first; i < events.size(); ++i) {
    if (!events[i].has_item_done() || !IsSealed(events[i].item_done().item().reasoning())) continue;
    events[i].mutable_item_done()->mutable_item()->mutable_reasoning()->set_sealed_by(provider);
  }
}

bool LeaveOutForeignReasoning(const std::string& provider, inf::GenerateRequest& request) {
  auto& items = *request.mutable_items();
  const auto foreign = [&](const inf::Item& item) {
    return IsSealed(item.reasoning()) && !item.reasoning().sealed_by().empty() &&
           item.reasoning().sealed_by() != provider;
  };
  if (std::none_of(items.begin(), items.end(), foreign)) return false;
  items.erase(std::remove_if(items.begin(), items.end(), foreign), items.end());
  for (inf::Item& item : items) item.clear_id();
  return true;
}

}  // namespace patchbay::upstream
