#include "lib/wire/json_text.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "lib/wire/json_writer.h"

namespace patchbay::wire {
namespace {

namespace json = boost::json;

// Whether something in it is no integer. One name for each kind of value, as in WriteTo.
bool HasDouble(const json::value& value);
bool HasDouble(const json::array& array) {
  return std::any_of(array.begin(), array.end(), [](const json::value& element) { return HasDouble(element); });
}
bool HasDouble(const json::object& object) {
  return std::any_of(object.begin(), object.end(), [](const auto& member) { return HasDouble(member.value()); });
}
bool HasDouble(const json::value& value) {
  if (value.is_array()) return HasDouble(value.get_array());
  return value.is_object() ? HasDouble(value.get_object()) : value.is_double();
}

void WriteTo(JsonWriter& out, const json::value& value);
void WriteTo(JsonWriter& out, const json::array& array) {
  out.BeginArray();
  for (const json::value& element : array) WriteTo(out, element);
  out.EndArray();
}
void WriteTo(JsonWriter& out, const json::object& object) {
  out.BeginObject();
  for (const auto& member : object) WriteTo(out.Key(member.key()), member.value());
  out.EndObject();
}
void WriteTo(JsonWriter& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: out.Null(); break;
    case json::kind::bool_: out.Bool(value.get_bool()); break;
    case json::kind::int64: out.Int(value.get_int64()); break;
    case json::kind::uint64: out.Uint(value.get_uint64()); break;
    case json::kind::double_: out.Double(value.get_double()); break;
    case json::kind::string: out.String(value.get_string()); break;
    case json::kind::array: WriteTo(out, value.get_array()); break;
    case json::kind::object: WriteTo(out, value.get_object()); break;
  }
}

template <class Value>
std::string TextOf(const Value& value) {
  if (!HasDouble(value)) return json::serialize(value);
  std::string text;
  JsonWriter out(text);
  WriteTo(out, value);
  return text;
}

}  // namespace

std::string JsonText(const json::value& value) { return TextOf(value); }
std::string JsonText(const json::array& array) { return TextOf(array); }
std::string JsonText(const json::object& object) { return TextOf(object); }

}  // namespace patchbay::wire
