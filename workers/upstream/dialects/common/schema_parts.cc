#include "workers/upstream/dialects/common/schema_parts.h"

#include <algorithm>
#include <boost/json.hpp>

#include "lib/wire/boost_json.h"

namespace patchbay::upstream {

namespace json = boost::json;

const json::array* TupleOf(const json::value& schema) {
  for (const char* member : {"prefixItems", "items"}) {
    const json::value* items = wire::FindMember(schema, member);
    if (items != nullptr && items->is_array()) return &items->get_array();
  }
  return nullptr;
}

bool AllowsNull(const json::value& schema) {
  if (const json::value* type = wire::FindMember(schema, "type")) {
    if (type->is_array()) {
      const auto& types = type->get_array();
      return std::find(types.begin(), types.end(), json::value("null")) != types.end();
    }
    return *type == json::value("null");
  }
  for (const char* group : {"anyOf", "oneOf"}) {
    const json::value* branches = wire::FindMember(schema, group);
    if (branches == nullptr || !branches->is_array()) continue;
    const auto& list = branches->get_array();
    return std::any_of(list.begin(), list.end(), [](const json::value& branch) { return AllowsNull(branch); });
  }
  return false;
}

NameSet NamesIn(const json::value* list) {
  NameSet names;
  if (list == nullptr || !list->is_array()) return names;
  for (const json::value& name : list->get_array()) {
    if (name.is_string()) names.insert(std::string_view(name.get_string()));
  }
  return names;
}

}  // namespace patchbay::upstream
