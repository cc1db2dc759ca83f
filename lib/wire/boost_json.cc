// Boost.JSON itself, compiled once per program.
#include "lib/wire/boost_json.h"

#include <simdjson.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "lib/wire/borrowed_parser.h"
#include "lib/wire/json_writer.h"

namespace patchbay::wire {
namespace {

namespace json = boost::json;

// Of the memory of a document, at first.
constexpr std::size_t kLeastDocumentBytes = 1024;

json::parse_options Options(std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  return options;
}

// The parser stops at the byte that it could not accept.
Error NotJson(std::string_view text, std::size_t offset, const json::error_code& code) {
  std::string place = DescribeOffset(text, offset);
  return Error(ErrorCode::kInvalidArgument, "the body is not valid JSON: " + code.message() + " at " + place +
                                                " (byte " + std::to_string(offset) + ")")
      .At(std::move(place));
}

// Listens to the parser: only the keys of the outermost object are of interest.
struct KeyListener {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool collect = false;
  int depth = 0;
  std::string key;
  std::vector<std::string> keys;

  bool Down() { return ++depth, true; }
  bool Up() { return --depth, true; }
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return Down(); }
  bool on_object_end(std::size_t, json::error_code&) { return Up(); }
  bool on_array_begin(json::error_code&) { return Down(); }
  bool on_array_end(std::size_t, json::error_code&) { return Up(); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    if (collect && depth == 1) key.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t size, json::error_code& code) {
    on_key_part(part, size, code);
    if (collect && depth == 1) keys.push_back(std::exchange(key, {}));
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

bool OnlySpace(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// The stack of values that a document is made of lives on ours for small documents.
using StackMemory = unsigned char[4096];

// Leaves the value on the stack. Nests as deep as simdjson let it.
void Push(const simdjson::dom::element& value, json::value_stack& stack);
void Push(const simdjson::dom::object& object, json::value_stack& stack) {
  std::size_t size = 0;
  for (const auto& [key, member] : object) {
    stack.push_key(key);
    Push(member, stack);
    ++size;
  }
  stack.push_object(size);
}
void Push(const simdjson::dom::array& array, json::value_stack& stack) {
  std::size_t size = 0;
  for (const simdjson::dom::element element : array) {
    Push(element, stack);
    ++size;
  }
  stack.push_array(size);
}
void Push(const simdjson::dom::element& value, json::value_stack& stack) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::OBJECT: return Push(value.get_object().value_unsafe(), stack);
    case Type::ARRAY: return Push(value.get_array().value_unsafe(), stack);
    case Type::STRING: return stack.push_string(value.get_string().value_unsafe());
    case Type::INT64: return stack.push_int64(value.get_int64().value_unsafe());
    case Type::UINT64: return stack.push_uint64(value.get_uint64().value_unsafe());
    case Type::DOUBLE: return stack.push_double(value.get_double().value_unsafe());
    case Type::BOOL: return stack.push_bool(value.get_bool().value_unsafe());
    case Type::NULL_VALUE: return stack.push_null();
  }
}

// By simdjson, which reads text many bytes at a time and knows no names for what it does not accept.
std::optional<json::value> ParseFast(const json::storage_ptr& storage, std::string_view text, std::size_t max_depth) {
  BorrowedParser<simdjson::dom::parser> parser(text.size());
  simdjson::dom::element root;
  auto code = (*parser).allocate(std::max((*parser).capacity(), text.size()), max_depth);
  if (code == simdjson::SUCCESS) code = (*parser).parse(text.data(), text.size()).get(root);
  if (code != simdjson::SUCCESS) return std::nullopt;
  StackMemory memory;
  json::value_stack stack({}, memory, sizeof memory);
  stack.reset(storage);
  Push(root, stack);
  return stack.release();
}

// By Boost's own parser, which looks at every byte: it knows where it stopped, and accepts the few numbers that do not
// fit into 64 bits.
Result<json::value> ParseSlowly(json::storage_ptr storage, std::string_view text, std::size_t max_depth) {
  StackMemory memory;
  json::parser parser({}, Options(max_depth), memory);
  parser.reset(std::move(storage));
  json::error_code code;
  std::size_t used = parser.write_some(text.data(), text.size(), code);
  if (!code && !OnlySpace(text.substr(used))) code = json::error::extra_data;
  if (code) return NotJson(text, used, code);
  return parser.release();
}

// `storage` holds the values.
Result<json::value> ParseInto(json::storage_ptr storage, std::string_view text, std::size_t max_depth) {
  if (auto value = ParseFast(storage, text, max_depth)) return *std::move(value);
  return ParseSlowly(std::move(storage), text, max_depth);
}

}  // namespace

Result<json::value> ParseJson(std::string_view text, std::size_t max_depth) { return ParseInto({}, text, max_depth); }

Result<JsonDocument> JsonDocument::Parse(std::string_view text, std::size_t max_depth) {
  // Values take about as much room as their text.
  auto memory = std::make_unique<Memory>(std::max(text.size(), kLeastDocumentBytes));
  ASSIGN_OR_RETURN(json::value root, ParseInto(memory.get(), text, max_depth));
  return JsonDocument(std::move(memory), std::move(root));
}

Result<void> CheckJsonSlowly(std::string_view text, std::size_t max_depth, bool reject_duplicates) {
  json::basic_parser<KeyListener> parser(Options(max_depth));
  parser.handler().collect = reject_duplicates;
  json::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (!code && !OnlySpace(text.substr(used))) code = json::error::extra_data;
  if (code) return NotJson(text, used, code);
  auto& keys = parser.handler().keys;
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice == keys.end()) return {};
  std::string message = "the body has the key ";
  AppendJsonString(message, twice->substr(0, 64));
  return Error(ErrorCode::kInvalidArgument, message + " more than once");
}

bool IsFinite(const json::value& value) {
  if (value.is_double()) return std::isfinite(value.get_double());
  if (value.is_array()) {
    const auto& elements = value.get_array();
    return std::all_of(elements.begin(), elements.end(), [](const auto& element) { return IsFinite(element); });
  }
  if (!value.is_object()) return true;
  const auto& members = value.get_object();
  return std::all_of(members.begin(), members.end(), [](const auto& member) { return IsFinite(member.value()); });
}

const json::value* FindMember(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
}

std::string_view FindString(const json::value& value, std::string_view key) {
  const json::value* member = FindMember(value, key);
  const json::string* text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

}  // namespace patchbay::wire
