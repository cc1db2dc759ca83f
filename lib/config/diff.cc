// What differs between two configurations: a walk over both at once.

#include "lib/config/diff.h"

#include "lib/config/entries.h"
#include "lib/config/fields.h"
#include "lib/config/findings.h"
#include "lib/config/loader.h"
#include "patchbay/config/v1/options.pb.h"

namespace patchbay::config {
namespace {

bool NeedsRestart(const FieldDescriptor& field) { return field.options().GetExtension(config::v1::needs_restart); }

void DiffSection(const Message& before, const Message& after, const std::string& path, std::vector<Change>& changes);

void DiffField(const Message& before, const Message& after, const FieldDescriptor& field, const std::string& here,
               std::vector<Change>& changes) {
  const auto& reflection = *before.GetReflection();
  switch (KindOf(field)) {
    case FieldKind::kScalar:
      if (TextOf(before, field) != TextOf(after, field)) changes.push_back({here, NeedsRestart(field)});
      break;
    case FieldKind::kList: {
      bool same = reflection.FieldSize(before, &field) == reflection.FieldSize(after, &field);
      for (int n = 0; same && n < reflection.FieldSize(before, &field); ++n)
        same = TextOf(before, field, n) == TextOf(after, field, n);
      if (!same) changes.push_back({here, NeedsRestart(field)});
      break;
    }
    case FieldKind::kTextMap:
      if (Texts(before, field) != Texts(after, field)) changes.push_back({here, NeedsRestart(field)});
      break;
    case FieldKind::kSection:
      DiffSection(reflection.GetMessage(before, &field), reflection.GetMessage(after, &field), here, changes);
      break;
    case FieldKind::kMap: {
      const auto old_entries = Entries(before, field);
      const auto new_entries = Entries(after, field);
      for (const auto& [name, section] : old_entries) {
        const auto kept = new_entries.find(name);
        if (kept == new_entries.end()) {
          changes.push_back({JoinPath(here, name), NeedsRestart(field)});
        } else {
          DiffSection(*section, *kept->second, JoinPath(here, name), changes);
        }
      }
      for (const auto& [name, section] : new_entries) {
        if (!old_entries.contains(name)) changes.push_back({JoinPath(here, name), NeedsRestart(field)});
      }
      break;
    }
  }
}

void DiffSection(const Message& before, const Message& after, const std::string& path, std::vector<Change>& changes) {
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const auto& field = *before.GetDescriptor()->field(i);
    DiffField(before, after, field, JoinPath(path, field.name()), changes);
  }
}

}  // namespace

bool SameValue(const Message& a, const Message& b, const FieldDescriptor& field) {
  std::vector<Change> changes;
  DiffField(a, b, field, "", changes);
  return changes.empty();
}

std::vector<Change> Diff(const config::v1::Config& before, const config::v1::Config& after) {
  std::vector<Change> changes;
  DiffSection(before, after, "", changes);
  return changes;
}

}  // namespace patchbay::config
