#include "workers/frontend/dialects/common/request/json_node.h"

#include <cmath>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"

namespace patchbay::frontend {
namespace {

std::string_view KindOf(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: return "a number";
    case boost::json::kind::string: return "a string";
    case boost::json::kind::array: return "an array";
    case boost::json::kind::object: return "an object";
  }
  return "something else";
}

}  // namespace

std::optional<JsonNode> JsonNode::Find(std::string_view key) const {
  const boost::json::value* member = wire::FindMember(*value_, key);
  if (member == nullptr || member->is_null()) return std::nullopt;
  return JsonNode(*member, this, key, 0);
}

Result<std::string_view> JsonNode::String() const {
  if (!value_->is_string()) return Expected("a string");
  const auto& text = value_->get_string();
  return std::string_view(text.data(), text.size());
}

Result<bool> JsonNode::Bool() const {
  if (!value_->is_bool()) return Expected("a boolean");
  return value_->get_bool();
}

Result<std::int64_t> JsonNode::Int() const {
  if (value_->is_int64()) return value_->get_int64();
  // Some clients write whole numbers as 1e3 or 4096.0.
  if (value_->is_double()) {
    const double number = value_->get_double();
    if (number == std::floor(number) && std::abs(number) < 9e15) return static_cast<std::int64_t>(number);
  }
  return Expected("an integer");
}

Result<double> JsonNode::Number() const {
  if (value_->is_double()) return value_->get_double();
  if (value_->is_int64()) return static_cast<double>(value_->get_int64());
  if (value_->is_uint64()) return static_cast<double>(value_->get_uint64());
  return Expected("a number");
}

Result<void> JsonNode::MustBeArray() const {
  if (!value_->is_array()) return Expected("an array");
  return {};
}

Result<void> JsonNode::MustBeObject() const {
  if (!value_->is_object()) return Expected("an object");
  return {};
}

Result<std::string_view> JsonNode::OneOf(std::initializer_list<std::string_view> words) const {
  ASSIGN_OR_RETURN(const std::string_view text, String());
  for (const std::string_view word : words) {
    if (text == word) return text;
  }
  std::string listed;
  for (const std::string_view word : words) listed.append(listed.empty() ? "'" : ", '").append(word).append("'");
  return Wrong("expected one of " + listed);
}

Result<std::string_view> JsonNode::RequiredString(std::string_view key) const {
  RETURN_IF_ERROR(MustBeObject());
  const auto member = Find(key);
  if (!member) {
    return Error(ErrorCode::kInvalidArgument, "a string is required here").From(Origin::kClient).At(PointerTo(key));
  }
  return member->String();
}

Result<std::string_view> JsonNode::OptionalString(std::string_view key) const {
  const auto member = Find(key);
  if (!member) return std::string_view();
  return member->String();
}

std::string JsonNode::Text() const { return wire::JsonText(*value_); }

std::string JsonNode::Pointer() const {
  std::string out;
  AppendPointer(out);
  return out;
}

std::string JsonNode::PointerTo(std::string_view key) const { return Pointer().append("/").append(key); }

std::string JsonNode::Path() const {
  std::string out;
  AppendPath(out);
  return out;
}

void JsonNode::AppendPath(std::string& out) const {
  if (parent_ == nullptr) return;
  parent_->AppendPath(out);
  if (key_.empty()) {
    out.append("[]");
  } else {
    out.append(out.empty() ? "" : ".").append(key_);
  }
}

void JsonNode::AppendPointer(std::string& out) const {
  if (parent_ == nullptr) return;
  parent_->AppendPointer(out);
  out.push_back('/');
  if (key_.empty()) {
    out.append(std::to_string(index_));
  } else {
    out.append(key_);
  }
}

Error JsonNode::Wrong(std::string message) const {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient).At(Pointer());
}

Error JsonNode::Unsupported(std::string message) const {
  return Error(ErrorCode::kUnsupported, std::move(message)).From(Origin::kClient).At(Pointer());
}

Error JsonNode::Expected(std::string_view what) const {
  return Wrong(std::string("expected ").append(what).append(", found ").append(KindOf(*value_)));
}

}  // namespace patchbay::frontend
