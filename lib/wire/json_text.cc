#include "lib/wire/json_text.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "lib/wire/json_writer.h"

namespace patchbay::wire {
namespace {

namespace json = boost::json;

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
