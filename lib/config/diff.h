// Whether a setting is the same in two messages of one type.
#pragma once

#include "lib/config/fields.h"

namespace patchbay::config {

bool SameValue(const Message& a, const Message& b, const FieldDescriptor& field);

}  // namespace patchbay::config
