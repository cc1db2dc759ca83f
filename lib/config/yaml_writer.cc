// The configuration as YAML that the loader reads back to the same message.

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/config/entries.h"
#include "lib/config/fields.h"
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

void WriteSection(YAML::Emitter& out, const Message& message) {
  const auto& reflection = *message.GetReflection();
  out << YAML::BeginMap;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto& field = *message.GetDescriptor()->field(i);
    out << YAML::Key << field.name() << YAML::Value;
    switch (KindOf(field)) {
      case FieldKind::kScalar: WriteScalar(out, message, field); break;
      case FieldKind::kSection: WriteSection(out, reflection.GetMessage(message, &field)); break;
      case FieldKind::kList:
        out << YAML::Flow << YAML::BeginSeq;
        for (int n = 0; n < reflection.FieldSize(message, &field); ++n) WriteScalar(out, message, field, n);
        out << YAML::EndSeq;
        break;
      case FieldKind::kMap:
        out << YAML::BeginMap;
        for (const auto& [name, section] : Entries(message, field)) {
          out << YAML::Key;
          WriteText(out, name);
          out << YAML::Value;
          WriteSection(out, *section);
        }
        out << YAML::EndMap;
        break;
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
  WriteSection(out, config);
  PATCHBAY_CHECK(out.good());
  return std::string(out.c_str()) + "\n";
}

}  // namespace patchbay::config
