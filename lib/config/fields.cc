#include "lib/config/fields.h"

#include <google/protobuf/duration.pb.h>

#include <charconv>
#include <cstdint>

#include "lib/config/units.h"
#include "lib/time/proto_time.h"
#include "lib/wire/utf8.h"
#include "patchbay/config/v1/options.pb.h"

namespace patchbay::config {
namespace {

namespace options = config::v1;
using google::protobuf::Duration;

bool IsDuration(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == "google.protobuf.Duration";
}

bool IsBytes(const FieldDescriptor& field) { return field.options().GetExtension(options::bytes); }

Error Expected(const FieldDescriptor& field, std::string_view text) {
  return {ErrorCode::kInvalidArgument, "expected " + TypeName(field) + ", got '" + std::string(text) + "'"};
}

template <class Number>
Result<Number> ParseNumber(const FieldDescriptor& field, std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    return Error(ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is too large a number");
  }
  if (error != std::errc{} || end != text.data() + text.size()) return Expected(field, text);
  return number;
}

// A number field's value, whatever its width. Settings stay far below 2^63.
std::int64_t NumberOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: return reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64: return reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32: return reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64: return static_cast<std::int64_t>(reflection.GetUInt64(message, &field));
    default: return 0;
  }
}

std::int64_t SecondsOf(const Message& message, const FieldDescriptor& field) {
  Duration value;
  value.CopyFrom(message.GetReflection()->GetMessage(message, &field));
  return value.seconds();
}

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64: return true;
    default: return false;
  }
}

std::string BoundText(const FieldDescriptor& field, std::int64_t bound) {
  if (IsDuration(field)) return FormatDuration(std::chrono::seconds(bound));
  return IsBytes(field) ? FormatBytes(static_cast<std::uint64_t>(bound)) : std::to_string(bound);
}

}  // namespace

FieldKind KindOf(const FieldDescriptor& field) {
  if (field.is_map()) {
    const bool sections = field.message_type()->map_value()->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    return sections ? FieldKind::kMap : FieldKind::kTextMap;
  }
  if (field.is_repeated()) return FieldKind::kList;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDuration(field)) return FieldKind::kSection;
  return FieldKind::kScalar;
}

std::string TypeName(const FieldDescriptor& field) {
  if (field.is_map()) {
    return KindOf(field) == FieldKind::kMap ? "a mapping of names to sections" : "a mapping of names to texts";
  }
  if (IsDuration(field)) return "a duration";
  if (IsBytes(field)) return "a size";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: return "true or false";
    case FieldDescriptor::CPPTYPE_STRING: return "text";
    case FieldDescriptor::CPPTYPE_MESSAGE: return "a section";
    default: return "a whole number";
  }
}

Result<void> SetFromText(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto& reflection = *message.GetReflection();
  if (IsDuration(field)) {
    ASSIGN_OR_RETURN(const auto duration, ParseDuration(text));
    auto& target = *reflection.MutableMessage(&message, &field);
    Duration value;
    SetDuration(duration, &value);
    target.CopyFrom(value);
    return {};
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (text.find('\0') != std::string_view::npos)
        return Error(ErrorCode::kInvalidArgument, "the text holds a NUL byte");
      if (!wire::IsValidUtf8(text)) return Error(ErrorCode::kInvalidArgument, "the text is not UTF-8");
      if (field.is_repeated()) {
        reflection.AddString(&message, &field, std::string(text));
      } else {
        reflection.SetString(&message, &field, std::string(text));
      }
      return {};
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return Expected(field, text);
      reflection.SetBool(&message, &field, text == "true");
      return {};
    case FieldDescriptor::CPPTYPE_INT32: {
      ASSIGN_OR_RETURN(const auto number, ParseNumber<std::int32_t>(field, text));
      field.is_repeated() ? reflection.AddInt32(&message, &field, number)
                          : reflection.SetInt32(&message, &field, number);
      return {};
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      ASSIGN_OR_RETURN(const auto number, ParseNumber<std::int64_t>(field, text));
      reflection.SetInt64(&message, &field, number);
      return {};
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      auto number = IsBytes(field) ? ParseBytes(text) : ParseNumber<std::uint64_t>(field, text);
      if (!number.ok()) return std::move(number).error();
      reflection.SetUInt64(&message, &field, *number);
      return {};
    }
    default: break;
  }
  // A type that no setting has yet: whoever adds one teaches this switch first.
  return Error(ErrorCode::kInternal, "no setting can have the type of " + field.full_name());
}

std::string TextOf(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  if (IsDuration(field)) {
    Duration value;
    value.CopyFrom(reflection.GetMessage(message, &field));
    return FormatDuration(ToMilliseconds(value));
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return index < 0 ? reflection.GetString(message, &field) : reflection.GetRepeatedString(message, &field, index);
    case FieldDescriptor::CPPTYPE_BOOL: return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      if (index >= 0) return std::to_string(reflection.GetRepeatedInt32(message, &field, index));
      [[fallthrough]];
    default: return BoundText(field, NumberOf(message, field));
  }
}

bool IsText(const FieldDescriptor& field) { return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING; }

std::vector<std::string> Choices(const FieldDescriptor& field) {
  std::vector<std::string> choices;
  std::string_view rest = field.options().GetExtension(options::one_of);
  while (!rest.empty()) {
    const auto bar = rest.find('|');
    choices.emplace_back(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  return choices;
}

std::string LowerBound(const FieldDescriptor& field) {
  return field.options().HasExtension(options::min) ? BoundText(field, field.options().GetExtension(options::min)) : "";
}

std::string UpperBound(const FieldDescriptor& field) {
  return field.options().HasExtension(options::max) ? BoundText(field, field.options().GetExtension(options::max)) : "";
}

Result<void> CheckBounds(const Message& message, const FieldDescriptor& field) {
  if (IsDuration(field)) {
    const bool may_be_zero = field.options().GetExtension(options::may_be_zero);
    if (!may_be_zero && TextOf(message, field) == "0s")
      return Error(ErrorCode::kInvalidArgument, "must be longer than zero");
  }
  if (IsNumber(field) || IsDuration(field)) {
    const auto number = IsDuration(field) ? SecondsOf(message, field) : NumberOf(message, field);
    const auto& limits = field.options();
    if (limits.HasExtension(options::min) && number < limits.GetExtension(options::min)) {
      return Error(ErrorCode::kInvalidArgument,
                   TextOf(message, field) + " is below the least allowed, " + LowerBound(field));
    }
    if (limits.HasExtension(options::max) && number > limits.GetExtension(options::max)) {
      return Error(ErrorCode::kInvalidArgument,
                   TextOf(message, field) + " is above the most allowed, " + UpperBound(field));
    }
    return {};
  }
  const auto choices = Choices(field);
  if (choices.empty()) return {};
  std::string list;
  for (const auto& choice : choices) {
    if (choice == TextOf(message, field)) return {};
    list += (list.empty() ? "" : ", ") + choice;
  }
  return Error(ErrorCode::kInvalidArgument, "'" + TextOf(message, field) + "' is not one of " + list);
}

Setting FindSetting(const Message& config, std::string_view path) {
  const Message* section = &config;
  for (;;) {
    const auto dot = path.find('.');
    const auto* field = section->GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
    if (dot == std::string_view::npos || field == nullptr) return {section, field};
    if (KindOf(*field) != FieldKind::kSection) return {};
    section = &section->GetReflection()->GetMessage(*section, field);
    path.remove_prefix(dot + 1);
  }
}

void FillDefaults(Message& message) {
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const auto& field = *descriptor.field(i);
    if (KindOf(field) == FieldKind::kSection) {
      FillDefaults(*message.GetReflection()->MutableMessage(&message, &field));
    } else if (field.options().HasExtension(options::default_value)) {
      const auto set = SetFromText(message, field, field.options().GetExtension(options::default_value));
      PATCHBAY_CHECK(set.ok());  // a default that its own type refuses is a mistake in config.proto
    }
  }
}

}  // namespace patchbay::config
