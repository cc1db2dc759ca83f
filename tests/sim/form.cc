#include "tests/sim/form.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "lib/wire/url.h"

namespace patchbay::sim {
namespace {

namespace json = boost::json;

std::string DecodeText(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return wire::PercentDecode(blanks);
}

}  // namespace

Fields ParseForm(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    fields[DecodeText(pair.substr(0, equals))] = DecodeText(pair.substr(equals + 1));
  }
  return fields;
}

std::optional<Fields> ParseFields(const Request& request) {
  const std::string_view type = request.Find("content-type");
  if (type.starts_with("application/x-www-form-urlencoded")) return ParseForm(request.body);
  if (!type.starts_with("application/json")) return std::nullopt;
  json::error_code error;
  const json::value document = json::parse(request.body, error);
  const json::object* object = error ? nullptr : document.if_object();
  if (object == nullptr) return std::nullopt;
  Fields fields;
  for (const auto& [key, value] : *object) {
    if (value.is_string()) fields[std::string(key)] = std::string(value.get_string());
  }
  return fields;
}

std::string_view Field(const Fields& fields, std::string_view name) {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string_view{} : std::string_view(it->second);
}

}  // namespace patchbay::sim
