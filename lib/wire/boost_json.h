// Boost.JSON for documents that are edited, and the one way to parse untrusted text with it.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/wire/json.h"

namespace patchbay::wire {

// Never throws for any input. kInvalidArgument says what is wrong and where; a repeated key keeps its
// last value, as Boost.JSON does.
Result<boost::json::value> ParseJson(std::string_view text, std::size_t max_depth = kMaxJsonDepth);

// A document that is read, perhaps edited, and let go, as a request is. Its values lie in one piece of memory, which
// costs one release instead of one per value. They end with it, and so does every boost::json::value copied from them,
// which would use the same memory; text is copied as text. What edits take out of it is given back with the rest.
class JsonDocument {
 public:
  // As ParseJson.
  static Result<JsonDocument> Parse(std::string_view text, std::size_t max_depth = kMaxJsonDepth);

  JsonDocument(JsonDocument&&) = default;
  JsonDocument& operator=(JsonDocument&&) = delete;

  const boost::json::value& root() const { return root_; }
  boost::json::value& root() { return root_; }

 private:
  using Memory = boost::json::monotonic_resource;
  JsonDocument(std::unique_ptr<Memory> memory, boost::json::value root)
      : memory_(std::move(memory)), root_(std::move(root)) {}

  std::unique_ptr<Memory> memory_;  // outlives root_
  boost::json::value root_;
};

// As ParseJson, without building the document; also looks for repeated keys of the outermost object.
Result<void> CheckJsonSlowly(std::string_view text, std::size_t max_depth, bool reject_duplicates);

// Whether every number in it is finite. A number like 1e999 is infinite for Boost.JSON, which writes it as no JSON at
// all: look before you serialize what a stranger sent. Nests as deep as ParseJson lets it.
bool IsFinite(const boost::json::value& value);

// The member of that name, or null when `value` is no object or has none: editing without exceptions.
const boost::json::value* FindMember(const boost::json::value& value, std::string_view key);
// The string of that name, or empty.
std::string_view FindString(const boost::json::value& value, std::string_view key);

}  // namespace patchbay::wire
