// One pass over one level of a JSON object or array, members in any order, nothing built.
//
// Nested values are handed out as their JSON text and read by a reader of their own, so every
// function that reads is flat. Readers take a parser from a per-thread shelf: a stream that is
// waiting holds no parser memory. Single-threaded use per reader.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::wire {

struct JsonScratch {
  simdjson::ondemand::parser parser;
  std::string buffer;                // the text, with the padding that simdjson reads into
  std::deque<std::string> repaired;  // strings whose escapes were no valid Unicode
};

// A value during a visit. Each is read at most once, by one of these.
class JsonValue {
 public:
  JsonValue(simdjson::ondemand::value& value, JsonScratch& scratch) : value_(value), scratch_(scratch) {}

  // The unescaped string, good while the reader lives; empty for anything else. Escapes that are no
  // Unicode scalar (half a surrogate pair) become U+FFFD: a delta may be cut in such a place.
  std::string_view Text();
  std::int64_t Int(std::int64_t fallback = 0);
  // A number, or a string that holds one.
  std::optional<double> Number();
  std::optional<bool> Bool();
  // The JSON text of the value, whatever it is.
  std::string_view Raw();
  // The same for an object or array, empty for anything else.
  std::string_view RawObject();
  std::string_view RawArray();

 private:
  simdjson::ondemand::value& value_;
  JsonScratch& scratch_;
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view text);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // visit(std::string_view key, JsonValue value) for each member. False when the text is no JSON
  // object; members before the damage have been visited. Call one ForEach once per reader.
  template <class Visit>
  bool ForEachMember(Visit visit) {
    simdjson::ondemand::object object;
    if (!ok_ || document_.get_object().get(object)) return false;
    for (auto member : object) {
      simdjson::ondemand::field field;
      std::string_view key;
      if (std::move(member).get(field) || field.unescaped_key().get(key)) return false;
      visit(key, JsonValue(field.value(), *scratch_));
    }
    return true;
  }

  // visit(JsonValue element) for each element of an array.
  template <class Visit>
  bool ForEachElement(Visit visit) {
    simdjson::ondemand::array array;
    if (!ok_ || document_.get_array().get(array)) return false;
    for (auto element : array) {
      simdjson::ondemand::value value;
      if (std::move(element).get(value)) return false;
      visit(JsonValue(value, *scratch_));
    }
    return true;
  }

 private:
  std::unique_ptr<JsonScratch> scratch_;
  simdjson::ondemand::document document_;
  bool ok_ = false;  // without it the document must not be touched
};

}  // namespace patchbay::wire
