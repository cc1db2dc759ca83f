// The entries of a map field by name: protobuf keeps no order, readers want one.
#pragma once

#include <map>
#include <string>

#include "lib/config/fields.h"

namespace patchbay::config {

// Of a map of sections.
std::map<std::string, const Message*> Entries(const Message& message, const FieldDescriptor& field);
// Of a map of texts, as they are written.
std::map<std::string, std::string> Texts(const Message& message, const FieldDescriptor& field);

// The entry of that name, made when it is new.
Message& EntryOf(Message& message, const FieldDescriptor& field, const std::string& name);
// Of a map of sections: the section of that name, made from its defaults when it is new.
Message& SectionOf(Message& message, const FieldDescriptor& field, const std::string& name);

}  // namespace patchbay::config
