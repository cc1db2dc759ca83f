// The configuration as YAML that the loader reads back to the same message.

#include <google/protobuf/util/message_differencer.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "lib/config/diff.h"
#include "lib/config/entries.h"
#include "lib/config/fields.h"
#include "lib/config/layers.h"
#include "lib/config/loader.h"

namespace patchbay::config {
namespace {

// Words that a reader of YAML 1.1 takes for something else than text.
bool IsYamlWord(std::string text) {
  constexpr std::array<std::string_view, 9> kWords = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

// Plain words stay plain, to be read easily; everything else is quoted, so that any text survives.
void WriteText(YAML::Emitter& out, const std::string& text) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
  const bool plain = !text.empty() && text.front() != '-' && text.find_first_not_of(kPlain) == std::string::npos;
  if (!plain || IsYamlWord(text)) out << YAML::DoubleQuoted;
  out << text;
}

void WriteScalar(YAML::Emitter& out, const Message& message, const FieldDescriptor& field, int index = -1) {
  const std::string text = TextOf(message, field, index);
  if (IsText(field)) return WriteText(out, text);
  out << text;
}

void WriteSection(YAML::Emitter& out, const Message& message, const Message* under);

// What an entry starts from when the file names it: the row that the program brings, else its own defaults.
std::unique_ptr<Message> StartOf(const FieldDescriptor& field, const Message* under, const std::string& name,
                                 const Message& entry) {
  std::unique_ptr<Message> start(entry.New());
  FillDefaults(*start);
  if (under != nullptr) {
    const auto entries = Entries(*under, field);
    if (const auto known = entries.find(name); known != entries.end()) start->CopyFrom(*known->second);
  } else if (const auto row = CatalogRows().find(name); row != CatalogRows().end()) {
    start->CopyFrom(row->second);
  }
  return start;
}

bool IsProviders(const FieldDescriptor& field) {
  return field.containing_type() == config::v1::Config::descriptor() && field.name() == "providers";
}

// Entries of `under`, and of providers those that the program brings, are left out where they say nothing else.
void WriteMap(YAML::Emitter& out, const Message& message, const FieldDescriptor& field, const Message* under) {
  const bool sparse = under != nullptr || IsProviders(field);
  out << YAML::BeginMap;
  for (const auto& [name, section] : Entries(message, field)) {
    const auto start = sparse ? StartOf(field, under, name, *section) : nullptr;
    if (start && IsProviders(field) && CatalogRows().contains(name) &&
        google::protobuf::util::MessageDifferencer::Equals(*start, *section)) {
      continue;
    }
    out << YAML::Key;
    WriteText(out, name);
    out << YAML::Value;
    WriteSection(out, *section, start.get());
  }
  out << YAML::EndMap;
}

// What differs from `under`; everything where that is null.
void WriteSection(YAML::Emitter& out, const Message& message, const Message* under) {
  const auto& reflection = *message.GetReflection();
  out << YAML::BeginMap;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto& field = *message.GetDescriptor()->field(i);
    if (under != nullptr && SameValue(message, *under, field)) continue;
    out << YAML::Key << field.name() << YAML::Value;
    switch (KindOf(field)) {
      case FieldKind::kScalar: WriteScalar(out, message, field); break;
      case FieldKind::kSection:
        WriteSection(out, reflection.GetMessage(message, &field),
                     under == nullptr ? nullptr : &reflection.GetMessage(*under, &field));
        break;
      case FieldKind::kList:
        out << YAML::Flow << YAML::BeginSeq;
        for (int n = 0; n < reflection.FieldSize(message, &field); ++n) WriteScalar(out, message, field, n);
        out << YAML::EndSeq;
        break;
      case FieldKind::kMap: WriteMap(out, message, field, under); break;
      case FieldKind::kTextMap:
        out << YAML::BeginMap;
        for (const auto& [name, text] : Texts(message, field)) {
          out << YAML::Key;
          WriteText(out, name);
          out << YAML::Value;
          WriteText(out, text);
        }
        out << YAML::EndMap;
        break;
    }
  }
  out << YAML::EndMap;
}

}  // namespace

std::string ToYaml(const config::v1::Config& config) {
  YAML::Emitter out;
  WriteSection(out, config, nullptr);
  PATCHBAY_CHECK(out.good());
  return std::string(out.c_str()) + "\n";
}

std::string RowToYaml(const std::string& id, const catalog::v1::Provider& row) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "providers" << YAML::Value << YAML::BeginMap << YAML::Key;
  WriteText(out, id);
  out << YAML::Value;
  WriteSection(out, row, nullptr);
  out << YAML::EndMap << YAML::EndMap;
  PATCHBAY_CHECK(out.good());
  return std::string(out.c_str()) + "\n";
}

}  // namespace patchbay::config
