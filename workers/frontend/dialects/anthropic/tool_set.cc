#include "workers/frontend/dialects/anthropic/tool_set.h"

#include <algorithm>
#include <utility>

namespace patchbay::frontend::anthropic {

ToolSet::Entry* ToolSet::Find(std::string_view name) {
  const auto found = positions_.find(name);
  return found == positions_.end() ? nullptr : &entries_[found->second];
}

void ToolSet::Append(Entry entry) {
  positions_.emplace(entry.defined.name, entries_.size());
  entries_.push_back(std::move(entry));
}

bool ToolSet::IsOffered(const Entry& entry) const {
  return !entry.removed && (!entry.defined.deferred || entry.referred_to || server_search_);
}

bool ToolSet::Declare(DefinedTool defined) {
  if (defined.server_search) {
    server_search_ = true;
    return true;
  }
  if (Find(defined.name) != nullptr) return false;
  Append({.defined = std::move(defined)});
  return true;
}

void ToolSet::Add(DefinedTool defined) {
  if (defined.server_search) {
    server_search_ = true;
    return;
  }
  Entry added{.defined = std::move(defined), .referred_to = true};
  if (Entry* known = Find(added.defined.name)) {
    *known = std::move(added);
  } else {
    Append(std::move(added));
  }
}

bool ToolSet::AddAgain(std::string_view name) {
  Entry* entry = Find(name);
  if (entry == nullptr) return false;
  entry->removed = false;
  entry->referred_to = true;
  return true;
}

bool ToolSet::Remove(std::string_view name) {
  Entry* entry = Find(name);
  if (entry == nullptr) return false;
  entry->removed = true;
  return true;
}

bool ToolSet::Refer(std::string_view name) {
  Entry* entry = Find(name);
  if (entry == nullptr) return false;
  entry->referred_to = true;
  return !entry->removed;
}

bool ToolSet::AllDeferred() const {
  return !entries_.empty() && std::all_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.defined.deferred && !entry.removed && !IsOffered(entry);
  });
}

bool ToolSet::IsHosted(std::string_view name) {
  const Entry* entry = Find(name);
  return entry != nullptr && entry->defined.tool.has_web_search();
}

void ToolSet::MoveTo(google::protobuf::RepeatedPtrField<inference::v1::Tool>& tools) {
  for (Entry& entry : entries_) {
    if (IsOffered(entry)) *tools.Add() = std::move(entry.defined.tool);
  }
  entries_.clear();
  positions_.clear();
}

}  // namespace patchbay::frontend::anthropic
