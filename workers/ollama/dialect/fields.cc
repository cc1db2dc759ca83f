#include "workers/ollama/dialect/fields.h"

#include <boost/json/array.hpp>

namespace patchbay::ollama {

const boost::json::value* Find(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Error Wrong(std::string_view place, std::string_view what) {
  std::string message(place);
  if (!message.empty()) message.append(": ");
  return Error(ErrorCode::kInvalidArgument, message.append(what)).From(Origin::kClient).At(std::string(place));
}

std::string Element(std::string_view list, std::size_t index) {
  return std::string(list).append("[").append(std::to_string(index)).append("]");
}

std::string Below(std::string_view place, std::string_view key) {
  std::string path(place);
  if (!path.empty()) path.push_back('.');
  return path.append(key);
}

Result<std::string_view> Text(const boost::json::object& object, std::string_view key, std::string_view place) {
  const boost::json::value* value = Find(object, key);
  if (value == nullptr) return std::string_view();
  if (!value->is_string()) return Wrong(Below(place, key), "expected a string");
  return std::string_view(value->get_string());
}

Result<bool> Flag(const boost::json::object& object, std::string_view key, bool fallback) {
  const boost::json::value* value = Find(object, key);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) return Wrong(key, "expected true or false");
  return value->get_bool();
}

Result<const boost::json::object*> Object(const boost::json::object& object, std::string_view key,
                                          std::string_view place) {
  const boost::json::value* value = Find(object, key);
  if (value != nullptr && !value->is_object()) return Wrong(Below(place, key), "expected an object");
  return value == nullptr ? nullptr : &value->get_object();
}

Result<const boost::json::array*> Array(const boost::json::object& object, std::string_view key,
                                        std::string_view place) {
  const boost::json::value* value = Find(object, key);
  if (value != nullptr && !value->is_array()) return Wrong(Below(place, key), "expected an array");
  return value == nullptr ? nullptr : &value->get_array();
}

}  // namespace patchbay::ollama
