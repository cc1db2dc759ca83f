#include "lib/schema/keywords.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace patchbay::schema {
namespace {

constexpr std::array kKeywords = {
    Keyword{"title", Form::kString},
    Keyword{"description", Form::kString},
    Keyword{"$comment", Form::kString},
    Keyword{"$id", Form::kString},
    Keyword{"$schema", Form::kString},
    Keyword{"$anchor", Form::kString},
    Keyword{"format", Form::kString},
    Keyword{"contentEncoding", Form::kString},
    Keyword{"contentMediaType", Form::kString},
    Keyword{"minimum", Form::kNumber},
    Keyword{"maximum", Form::kNumber},
    Keyword{"exclusiveMinimum", Form::kNumber},
    Keyword{"exclusiveMaximum", Form::kNumber},
    Keyword{"multipleOf", Form::kPositive},
    Keyword{"minLength", Form::kCount},
    Keyword{"maxLength", Form::kCount},
    Keyword{"minItems", Form::kCount},
    Keyword{"maxItems", Form::kCount},
    Keyword{"minContains", Form::kCount},
    Keyword{"maxContains", Form::kCount},
    Keyword{"minProperties", Form::kCount},
    Keyword{"maxProperties", Form::kCount},
    Keyword{"uniqueItems", Form::kFlag},
    Keyword{"deprecated", Form::kFlag},
    Keyword{"readOnly", Form::kFlag},
    Keyword{"writeOnly", Form::kFlag},
    Keyword{"required", Form::kNames},
    Keyword{"enum", Form::kList},
    Keyword{"examples", Form::kList},
    Keyword{"anyOf", Form::kSchemas},
    Keyword{"oneOf", Form::kSchemas},
    Keyword{"allOf", Form::kSchemas},
    Keyword{"prefixItems", Form::kSchemas},
    Keyword{"properties", Form::kSchemaMap},
    Keyword{"patternProperties", Form::kPatternMap},
    Keyword{"$defs", Form::kSchemaMap},
    Keyword{"definitions", Form::kSchemaMap},
    Keyword{"dependentSchemas", Form::kSchemaMap},
    Keyword{"items", Form::kSchema},
    Keyword{"additionalProperties", Form::kSchema},
    Keyword{"propertyNames", Form::kSchema},
    Keyword{"not", Form::kSchema},
    Keyword{"dependentRequired", Form::kNameLists},
    Keyword{"if", Form::kSchema},
    Keyword{"then", Form::kSchema},
    Keyword{"else", Form::kSchema},
    Keyword{"contains", Form::kSchema},
    Keyword{"pattern", Form::kPattern},
    Keyword{"$ref", Form::kReference},
};

}  // namespace

std::vector<const Keyword*> KeywordsOf(const boost::json::object& schema) {
  static const auto kByName = [] {
    std::unordered_map<std::string_view, const Keyword*> by_name;
    for (const Keyword& keyword : kKeywords) by_name.emplace(keyword.name, &keyword);
    return by_name;
  }();
  std::vector<const Keyword*> keywords;
  keywords.reserve(schema.size());
  for (const auto& member : schema) {
    if (const auto found = kByName.find(member.key()); found != kByName.end()) keywords.push_back(found->second);
  }
  std::sort(keywords.begin(), keywords.end());
  return keywords;
}

}  // namespace patchbay::schema
