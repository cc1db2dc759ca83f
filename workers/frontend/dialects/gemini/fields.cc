#include "workers/frontend/dialects/gemini/fields.h"

#include <optional>

#include "lib/base/text.h"

namespace patchbay::frontend::gemini {

std::string CamelName(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '_') continue;
    // A leading underscore, as older clients have it, is only dropped.
    const bool begins_word = !out.empty() && name[i - 1] == '_';
    out.push_back(begins_word ? UpperCase(name[i]) : name[i]);
  }
  return out;
}

std::string FieldPath(const JsonNode& node) {
  const std::string path = node.Path();
  std::string out;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('.', at), path.size());
    out.append(at == 0 ? "" : ".").append(CamelName(std::string_view(path).substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

std::optional<JsonNode> FindEither(const JsonNode& object, std::string_view camel_name) {
  if (auto node = object.Find(camel_name)) return node;
  std::string snake;
  for (const char c : camel_name) {
    if (c != LowerCase(c)) snake.push_back('_');
    snake.push_back(LowerCase(c));
  }
  if (snake == camel_name || !object.IsObject()) return std::nullopt;
  // The document's own spelling outlives `snake`, which a node may not refer to.
  const auto member = object.value().get_object().find(snake);
  return member == object.value().get_object().end() ? std::nullopt : object.Find(member->key());
}

}  // namespace patchbay::frontend::gemini
