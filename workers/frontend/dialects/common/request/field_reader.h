// How a decoder reads a JSON object by a table: one row for each member that the dialect knows.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend {

template <class Out>
using FieldReader = Result<void> (*)(const JsonNode&, Out&);

template <class Out>
struct KnownField {
  std::string_view name;
  FieldReader<Out> read;
};

// A member's name as the table has it.
inline std::string SameName(std::string_view name) { return std::string(name); }

// Every member of `object` in its order, by its row; `otherwise` takes those that have none. One that is null counts as
// absent. The first error ends it.
template <class Out, std::size_t N>
Result<void> ReadFields(const JsonNode& object, const std::array<KnownField<Out>, N>& rows, Out& out,
                        FieldReader<Out> otherwise, std::string (*table_name)(std::string_view) = SameName) {
  RETURN_IF_ERROR(object.MustBeObject());
  for (const auto& member : object.value().get_object()) {
    const auto node = object.Find(member.key());
    if (!node) continue;
    const std::string name = table_name(member.key());
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.name == name; });
    RETURN_IF_ERROR((row == rows.end() ? otherwise : row->read)(*node, out));
  }
  return {};
}

// For tests: the table is what README.md says.
template <class Out, std::size_t N>
std::vector<std::string_view> NamesOf(const std::array<KnownField<Out>, N>& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

}  // namespace patchbay::frontend
