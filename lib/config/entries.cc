#include "lib/config/entries.h"

#include <google/protobuf/map_field.h>

namespace patchbay::config {

std::map<std::string, const Message*> Entries(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, const Message*> entries;
  const auto& reflection = *message.GetReflection();
  const auto& type = *field.message_type();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& entry = reflection.GetRepeatedMessage(message, &field, i);
    entries[entry.GetReflection()->GetString(entry, type.map_key())] =
        &entry.GetReflection()->GetMessage(entry, type.map_value());
  }
  return entries;
}

std::map<std::string, std::string> Texts(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, std::string> texts;
  const auto& type = *field.message_type();
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const auto& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    texts[entry.GetReflection()->GetString(entry, type.map_key())] = TextOf(entry, *type.map_value());
  }
  return texts;
}

Message& EntryOf(Message& message, const FieldDescriptor& field, const std::string& name) {
  const auto& reflection = *message.GetReflection();
  const auto& type = *field.message_type();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    auto& entry = *reflection.MutableRepeatedMessage(&message, &field, i);
    if (entry.GetReflection()->GetString(entry, type.map_key()) == name) return entry;
  }
  auto& entry = *reflection.AddMessage(&message, &field);
  entry.GetReflection()->SetString(&entry, type.map_key(), name);
  return entry;
}

Message& SectionOf(Message& message, const FieldDescriptor& field, const std::string& name) {
  const int before = message.GetReflection()->FieldSize(message, &field);
  auto& entry = EntryOf(message, field, name);
  auto& section = *entry.GetReflection()->MutableMessage(&entry, field.message_type()->map_value());
  if (message.GetReflection()->FieldSize(message, &field) != before) FillDefaults(section);
  return section;
}

}  // namespace patchbay::config
