// The objects of a Gemini request, member by member.
//
// Google's proto-JSON takes every name in camelCase and in snake_case (client-protocols E.1), so one table of camelCase
// names serves both. A member that is null is absent; one without a row is ignored and reported.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/frontend/dialects/json_node.h"

namespace patchbay::frontend::gemini {

template <class Out>
struct Field {
  std::string_view name;  // camelCase
  Result<void> (*read)(const JsonNode&, Out&);
};

// "system_instruction" → "systemInstruction"; what is camelCase already stays as it is.
std::string CamelName(std::string_view name);
// A place as README.md's table names it: "contents[].parts[].videoMetadata" of /contents/0/parts/2/videoMetadata.
std::string FieldPath(const JsonNode& node);
// The member by either of its names.
std::optional<JsonNode> FindEither(const JsonNode& object, std::string_view camel_name);

template <class Out, std::size_t N>
const Field<Out>* FindField(const std::array<Field<Out>, N>& fields, std::string_view name) {
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& row) { return row.name == name; });
  return field == fields.end() ? nullptr : &*field;
}

// `Out` has Ignore(const JsonNode&).
template <class Out, std::size_t N>
Result<void> ReadFields(const JsonNode& object, const std::array<Field<Out>, N>& fields, Out& out) {
  RETURN_IF_ERROR(object.MustBeObject());
  for (const auto& member : object.value().get_object()) {
    const auto node = object.Find(member.key());
    if (!node) continue;
    const Field<Out>* field = FindField(fields, CamelName(member.key()));
    if (field == nullptr) {
      out.Ignore(*node);
    } else {
      RETURN_IF_ERROR(field->read(*node, out));
    }
  }
  return {};
}

// The rows that stand for "without effect, and reported" and for "refused".
template <class Out>
Result<void> IgnoreField(const JsonNode& node, Out& out) {
  out.Ignore(node);
  return {};
}
template <class Out>
Result<void> RefuseField(const JsonNode& node, Out&) {
  return node.Unsupported("this is not supported");
}

}  // namespace patchbay::frontend::gemini
