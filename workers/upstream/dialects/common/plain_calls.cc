#include "workers/upstream/dialects/common/plain_calls.h"

#include <string_view>
#include <utility>

namespace patchbay::upstream {

namespace inf = inference::v1;

bool PlainCalls::Restore(inf::GenerateEvent& event, inf::GenerateEvent& rest) {
  if (event.has_tool_input_delta()) {
    const auto open = open_.find(event.tool_input_delta().index());
    if (open == open_.end()) return true;
    RestoreDelta(open->second, *event.mutable_tool_input_delta());
    return !event.tool_input_delta().text().empty();
  }
  if (event.has_item_began() && event.item_began().item().has_tool_call()) {
    inf::Item& item = *event.mutable_item_began()->mutable_item();
    if (IsOfFreeText(item)) {
      open_[event.item_began().index()] = {};
      item.mutable_tool_call()->set_kind(inf::TOOL_KIND_CUSTOM);
    }
    RestoreName(*item.mutable_tool_call());
  } else if (event.has_item_done() && event.item_done().item().has_tool_call()) {
    inf::Item& item = *event.mutable_item_done()->mutable_item();
    if (IsOfFreeText(item)) Close(event.item_done().index(), *item.mutable_tool_call(), rest);
    RestoreName(*item.mutable_tool_call());
  }
  return true;
}

bool PlainCalls::IsOfFreeText(const inf::Item& item) const {
  const inf::ToolCall& call = item.tool_call();
  return call.kind() == inf::TOOL_KIND_FUNCTION && plan_.free_text_tools.contains(call.name());
}

void PlainCalls::RestoreDelta(FreeCall& call, inf::ToolInputDelta& delta) {
  call.came += delta.text().size();
  std::string text = call.reader.Feed(delta.text());
  call.told += text;
  delta.set_text(std::move(text));
}

// The whole input is what was told of it, and what is told now.
void PlainCalls::Close(int index, inf::ToolCall& call, inf::GenerateEvent& rest) {
  FreeCall open = std::move(open_[index]);
  open_.erase(index);
  std::string more;
  if (open.came < call.input().size()) more = open.reader.Feed(std::string_view(call.input()).substr(open.came));
  if (!open.reader.began()) more = FreeTextOf(call.input());
  call.set_kind(inf::TOOL_KIND_CUSTOM);
  call.set_input(open.told + more);
  if (more.empty()) return;
  inf::ToolInputDelta& delta = *rest.mutable_tool_input_delta();
  delta.set_index(index);
  delta.set_text(std::move(more));
}

void PlainCalls::RestoreName(inf::ToolCall& call) const {
  const auto own = plan_.namespaced.find(call.name());
  if (own == plan_.namespaced.end()) return;
  call.set_namespace_(own->second.space);
  call.set_name(own->second.name);
}

}  // namespace patchbay::upstream
