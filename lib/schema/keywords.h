// The keywords of JSON Schema 2020-12, and what their values must be (its meta-schemas).
#pragma once

#include <boost/json/object.hpp>
#include <string_view>
#include <vector>

namespace patchbay::schema {

enum class Form {
  kString,
  kNumber,
  kPositive,
  kCount,
  kFlag,
  kNames,
  kList,
  kSchemas,
  kSchemaMap,
  kPatternMap,
  kSchema,
  kNameLists,
  kPattern,
  kReference
};

struct Keyword {
  std::string_view name;
  Form form;
};

// Those that the schema has, always in the same order. Lives as long as the process.
std::vector<const Keyword*> KeywordsOf(const boost::json::object& schema);

}  // namespace patchbay::schema
