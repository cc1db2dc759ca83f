#include "lib/wire/json.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/borrowed_parser.h"
#include "lib/wire/json_writer.h"

namespace patchbay::wire {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);

simdjson::padded_string_view Padded(std::string& body) {
  // Growing by exactly the padding would copy the body at every later append as well; nobody appends.
  if (body.capacity() < body.size() + kJsonPadding) body.reserve(body.size() + kJsonPadding);
  return simdjson::padded_string_view(body.data(), body.size(), body.capacity());
}

Error NotAnObject(simdjson::error_code code) {
  return Error(ErrorCode::kInvalidArgument,
               code == simdjson::INCORRECT_TYPE
                   ? std::string("the body is not a JSON object")
                   : std::string("the body is not valid JSON: ") + simdjson::error_message(code));
}

Error Repeated(std::string_view key) {
  std::string message = "the body has the key ";
  constexpr std::size_t kShownKeyBytes = 64;
  AppendJsonString(message, key.substr(0, kShownKeyBytes));
  return Error(ErrorCode::kInvalidArgument, message + " more than once");
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Calls visit(key, value span) for each member until it returns false.
template <class Visit>
simdjson::error_code ForEachMember(std::string& body, Visit visit) {
  BorrowedParser<ondemand::parser> parser(body.size());
  ondemand::document document;
  if (auto code = (*parser).iterate(Padded(body)).get(document)) return code;
  ondemand::object object;
  if (auto code = document.get_object().get(object)) return code;
  for (auto item : object) {
    ondemand::field field;
    if (auto code = std::move(item).get(field)) return code;
    std::string_view key;
    if (auto code = field.unescaped_key().get(key)) return code;
    ondemand::value value = field.value();
    ondemand::json_type type;
    if (auto code = value.type().get(type)) return code;
    std::string_view raw;
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      if (auto code = value.get_object().get(inner)) return code;
      if (auto code = inner.raw_json().get(raw)) return code;
    } else if (type == ondemand::json_type::array) {
      ondemand::array inner;
      if (auto code = value.get_array().get(inner)) return code;
      if (auto code = inner.raw_json().get(raw)) return code;
    } else {
      raw = value.raw_json_token();
    }
    while (!raw.empty() && IsSpace(raw.back())) raw.remove_suffix(1);
    if (!visit(key, Span{static_cast<std::size_t>(raw.data() - body.data()), raw.size()})) return simdjson::SUCCESS;
  }
  // Past the last token there is no location any more.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS
                                                                        : simdjson::TRAILING_CONTENT;
}

Result<void> RejectDuplicates(const simdjson::dom::element& root) {
  simdjson::dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) return {};
  std::vector<std::string_view> keys;
  for (const auto& field : object) keys.push_back(field.key);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) return Repeated(*twice);
  return {};
}

}  // namespace

Result<void> ValidateJson(std::string& body, std::size_t max_depth, Duplicates duplicates) {
  BorrowedParser<simdjson::dom::parser> parser(body.size());
  (void)Padded(body);
  simdjson::error_code code = (*parser).allocate(std::max((*parser).capacity(), body.size()), max_depth);
  simdjson::dom::element root;
  if (code == simdjson::SUCCESS) code = (*parser).parse(body.data(), body.size(), false).get(root);
  if (code == simdjson::SUCCESS) {
    if (duplicates == Duplicates::kReject) return RejectDuplicates(root);
    return {};
  }
  // The slow parser knows where it stopped, and it accepts the few valid numbers that do not fit into
  // 64 bits, which are not for us to refuse.
  return CheckJsonSlowly(body, max_depth, duplicates == Duplicates::kReject);
}

Result<std::vector<Member>> TopLevelMembers(std::string& body) {
  std::vector<Member> members;
  const auto code = ForEachMember(body, [&](std::string_view key, Span value) {
    members.push_back({std::string(key), value});
    return true;
  });
  if (code != simdjson::SUCCESS) return NotAnObject(code);
  std::vector<std::string_view> keys;
  keys.reserve(members.size());
  for (const Member& member : members) keys.push_back(member.key);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) return Repeated(*twice);
  return members;
}

Result<Span> FindTopLevel(std::string& body, std::string_view key) {
  std::optional<Span> found;
  bool repeated = false;
  const auto code = ForEachMember(body, [&](std::string_view member, Span value) {
    if (member != key) return true;
    repeated = found.has_value();
    found = value;
    return !repeated;
  });
  if (repeated) return Repeated(key);
  if (code != simdjson::SUCCESS) return NotAnObject(code);
  if (!found) return Error(ErrorCode::kNotFound, "the body has no \"" + std::string(key) + "\"");
  return *found;
}

Result<std::string> SpliceTopLevel(std::string body, std::string_view key, std::string_view replacement_json,
                                   IfMissing if_missing) {
  auto found = FindTopLevel(body, key);
  if (found.ok()) {
    body.replace(found->offset, found->size, replacement_json);
    return body;
  }
  if (found.error().code != ErrorCode::kNotFound || if_missing == IfMissing::kFail) return std::move(found).error();
  const std::size_t brace = body.find('{');
  const std::size_t first =
      std::find_if_not(body.begin() + static_cast<std::ptrdiff_t>(brace) + 1, body.end(), IsSpace) - body.begin();
  std::string member;
  AppendJsonString(member, key);
  member.append(1, ':').append(replacement_json);
  if (body[first] != '}') member.push_back(',');
  body.insert(brace + 1, member);
  return body;
}

std::string DescribeOffset(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t column = last == std::string_view::npos ? before.size() + 1 : before.size() - last;
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(column);
}

}  // namespace patchbay::wire
