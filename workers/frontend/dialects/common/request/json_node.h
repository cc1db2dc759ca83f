// A JSON value together with the way to it, so that an error can name the place: a wrong type in a
// client's request comes back as "/messages/2/content/0/text: expected a string".
//
// Nodes are views. A child refers to its parent, so a parent must outlive its children; the natural
// nesting of decoding functions gives that for free.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::frontend {

class JsonNode {
 public:
  explicit JsonNode(const boost::json::value& root) : value_(&root) {}

  const boost::json::value& value() const { return *value_; }
  bool IsString() const { return value_->is_string(); }
  bool IsObject() const { return value_->is_object(); }
  bool IsArray() const { return value_->is_array(); }

  // The member of that name. Absent, null and "this is no object" are all "no member": protocols
  // treat null as absent everywhere.
  std::optional<JsonNode> Find(std::string_view key) const;
  // Elements of an array; 0 for anything else.
  std::size_t size() const { return value_->is_array() ? value_->get_array().size() : 0; }
  JsonNode At(std::size_t index) const { return JsonNode(value_->get_array()[index], this, {}, index); }

  // The value as the wanted type, or kInvalidArgument at this node's pointer.
  Result<std::string_view> String() const;
  Result<bool> Bool() const;
  Result<std::int64_t> Int() const;
  Result<double> Number() const;
  Result<void> MustBeArray() const;
  Result<void> MustBeObject() const;
  // One of the words; the error lists them.
  Result<std::string_view> OneOf(std::initializer_list<std::string_view> words) const;

  // Members by name, with an error when the member is missing (RequiredString) or of another type.
  Result<std::string_view> RequiredString(std::string_view key) const;
  Result<std::string_view> OptionalString(std::string_view key) const;  // empty when absent

  // The JSON text of the value.
  std::string Text() const;
  // RFC 6901: "/messages/0/content".
  std::string Pointer() const;
  std::string PointerTo(std::string_view key) const;
  // The same for people, with every element of a list alike: "messages[].content".
  std::string Path() const;

  // kInvalidArgument of the client's, at this node.
  Error Wrong(std::string message) const;
  Error Unsupported(std::string message) const;

 private:
  JsonNode(const boost::json::value& value, const JsonNode* parent, std::string_view key, std::size_t index)
      : value_(&value), parent_(parent), key_(key), index_(index) {}
  Error Expected(std::string_view what) const;
  void AppendPointer(std::string& out) const;
  void AppendPath(std::string& out) const;

  const boost::json::value* value_;
  const JsonNode* parent_ = nullptr;
  std::string_view key_;  // empty for an array's element
  std::size_t index_ = 0;
};

}  // namespace patchbay::frontend
