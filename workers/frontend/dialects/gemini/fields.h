// The objects of a Gemini request, member by member.
//
// Google's proto-JSON takes every name in camelCase and in snake_case (client-protocols E.1), so one table of camelCase
// names serves both. A member that is null is absent; one without a row is ignored and reported.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::gemini {

template <class Out>
using Field = KnownField<Out>;  // named in camelCase

// "system_instruction" → "systemInstruction"; what is camelCase already stays as it is.
std::string CamelName(std::string_view name);
// A place as README.md's table names it: "contents[].parts[].videoMetadata" of /contents/0/parts/2/videoMetadata.
std::string FieldPath(const JsonNode& node);
// The member by either of its names.
std::optional<JsonNode> FindEither(const JsonNode& object, std::string_view camel_name);

// Every element of a list. Google's servers take a single object where a list is meant, and its own examples have some.
template <class Each>
Result<void> ForEachOf(const JsonNode& list, Each each) {
  if (list.IsObject()) return each(list, 0);
  RETURN_IF_ERROR(list.MustBeArray());
  for (std::size_t i = 0; i < list.size(); ++i) RETURN_IF_ERROR(each(list.At(i), i));
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

// Reports every member that is not `known` (in camelCase), where there is no table of rows.
template <class Out>
void IgnoreOthers(const JsonNode& object, std::initializer_list<std::string_view> known, Out& out) {
  if (!object.IsObject()) return;
  for (const auto& member : object.value().get_object()) {
    if (std::find(known.begin(), known.end(), CamelName(member.key())) != known.end()) continue;
    if (const auto other = object.Find(member.key())) out.Ignore(*other);
  }
}

// `Out` has Ignore(const JsonNode&).
template <class Out, std::size_t N>
Result<void> ReadFields(const JsonNode& object, const std::array<Field<Out>, N>& fields, Out& out) {
  return frontend::ReadFields(object, fields, out, IgnoreField<Out>, CamelName);
}

}  // namespace patchbay::frontend::gemini
