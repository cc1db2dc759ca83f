#include "lib/config/unknown_key.h"

#include <vector>

#include "lib/config/fields.h"
#include "lib/config/findings.h"

namespace patchbay::config {

std::string UnknownKey(const std::string& key, const google::protobuf::Descriptor& section, const std::string& where) {
  std::vector<std::string> names, below;
  for (int i = 0; i < section.field_count(); ++i) {
    const FieldDescriptor& field = *section.field(i);
    names.push_back(field.name());
    if (KindOf(field) == FieldKind::kSection && field.message_type()->FindFieldByName(key) != nullptr)
      below.push_back(JoinPath(field.name(), key));
  }
  std::string hint = DidYouMean(key, names);
  // Of several nobody knows which one was meant.
  if (hint.empty() && below.size() == 1) hint = "; did you mean '" + below.front() + "'?";
  return "unknown key '" + key + "'" + where + hint;
}

}  // namespace patchbay::config
