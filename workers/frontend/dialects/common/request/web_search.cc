#include "workers/frontend/dialects/common/request/web_search.h"

namespace patchbay::frontend {

Result<void> ReadSearchLocation(const JsonNode& node, inference::v1::WebSearchTool::Location& location) {
  RETURN_IF_ERROR(node.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view country, node.OptionalString("country"));
  ASSIGN_OR_RETURN(const std::string_view region, node.OptionalString("region"));
  ASSIGN_OR_RETURN(const std::string_view city, node.OptionalString("city"));
  ASSIGN_OR_RETURN(const std::string_view timezone, node.OptionalString("timezone"));
  location.set_country(std::string(country));
  location.set_region(std::string(region));
  location.set_city(std::string(city));
  location.set_timezone(std::string(timezone));
  return {};
}

Result<void> ReadDomains(const JsonNode& node, google::protobuf::RepeatedPtrField<std::string>& domains) {
  RETURN_IF_ERROR(node.MustBeArray());
  for (std::size_t i = 0; i < node.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string_view domain, node.At(i).String());
    domains.Add(std::string(domain));
  }
  return {};
}

}  // namespace patchbay::frontend
