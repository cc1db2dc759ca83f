// One setting: from text to a protobuf field and back, by the field's type and options.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::config {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What a field is in the file. Durations are messages in protobuf but scalars in YAML.
// A kTextMap is names to texts, a kMap names to sections.
enum class FieldKind { kScalar, kSection, kList, kMap, kTextMap };
FieldKind KindOf(const FieldDescriptor& field);

// "a whole number", "a duration", … for error messages.
std::string TypeName(const FieldDescriptor& field);

// Sets a scalar (or appends to a list) from its text. The error names the value, not the place.
Result<void> SetFromText(Message& message, const FieldDescriptor& field, std::string_view text);

// The scalar as SetFromText reads it; `index` for an element of a list.
std::string TextOf(const Message& message, const FieldDescriptor& field, int index = -1);

// Whether `text` must be quoted in YAML or JSON: true for strings, false for numbers and booleans.
bool IsText(const FieldDescriptor& field);

// The choices of a `one_of` setting; empty when anything goes.
std::vector<std::string> Choices(const FieldDescriptor& field);

// Bounds as the schema and messages show them, in the field's own unit; empty when there is none.
std::string LowerBound(const FieldDescriptor& field);
std::string UpperBound(const FieldDescriptor& field);

// Whether the value is within min, max and one_of. Durations must be longer than zero.
Result<void> CheckBounds(const Message& message, const FieldDescriptor& field);

// The setting at "frontend.listen": its field and the section that holds it. A null field when there is none.
struct Setting {
  const Message* section = nullptr;
  const FieldDescriptor* field = nullptr;
};
Setting FindSetting(const Message& config, std::string_view path);

// Sets every field of `message` and its sections that has a default to it.
void FillDefaults(Message& message);

}  // namespace patchbay::config
