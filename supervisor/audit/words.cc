#include "supervisor/audit/words.h"

#include <google/protobuf/descriptor.h>

#include <vector>

#include "lib/base/text.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "patchbay/gateway/v1/recorder.pb.h"

namespace patchbay::supervisor {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t kWordBytes = 100;
constexpr std::size_t kWordsBytes = 500;

// The linker keeps only what somebody names: these are relayed, and known by their descriptors alone.
[[maybe_unused]] const auto kLinked = [] {
  google::protobuf::LinkMessageReflection<accounts::v1::ListModelsRequest>();
  google::protobuf::LinkMessageReflection<gateway::v1::NextRecordingRequest>();
  return true;
}();

const google::protobuf::MethodDescriptor* DescriptorOf(std::string_view method) {
  std::string name(method.starts_with('/') ? method.substr(1) : method);
  if (const std::size_t slash = name.find('/'); slash != std::string::npos) name[slash] = '.';
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
}

std::string ValueOf(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return Printable(repeated ? reflection.GetRepeatedStringReference(message, &field, index, &scratch)
                                : reflection.GetStringReference(message, &field, &scratch),
                       kWordBytes);
    }
    case FieldDescriptor::CPPTYPE_BOOL: return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32: return std::to_string(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64: return std::to_string(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32: return std::to_string(reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64: return std::to_string(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE: return std::to_string(reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT: return std::to_string(reflection.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM: return reflection.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "{" +
             WordsOf(repeated ? reflection.GetRepeatedMessage(message, &field, index)
                              : reflection.GetMessage(message, &field)) +
             "}";
  }
  return {};
}

}  // namespace

bool ChangesSomething(std::string_view method) {
  if (method.starts_with("/grpc.")) return false;
  const auto* descriptor = DescriptorOf(method);
  return descriptor == nullptr ||
         descriptor->options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

std::string NameOfMethod(std::string_view method) {
  const std::size_t slash = method.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::string(method);
  const std::string_view service = method.substr(0, slash);
  return std::string(service.substr(service.rfind('.') + 1)) + "." + std::string(method.substr(slash + 1));
}

std::unique_ptr<Message> RequestOf(std::string_view method) {
  const auto* descriptor = DescriptorOf(method);
  if (descriptor == nullptr) return nullptr;
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor->input_type());
  return std::unique_ptr<Message>(prototype == nullptr ? nullptr : prototype->New());
}

std::string WordsOf(const Message& request) {
  std::vector<const FieldDescriptor*> fields;
  request.GetReflection()->ListFields(request, &fields);
  std::string words;
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_BYTES || field->is_map()) continue;
    const bool shown_one_by_one = field->is_repeated() && (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                                                           field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE);
    if (field->is_repeated() && !shown_one_by_one) continue;
    const int count = field->is_repeated() ? request.GetReflection()->FieldSize(request, field) : 1;
    for (int i = 0; i < count && words.size() < kWordsBytes; ++i) {
      words += (words.empty() ? "" : " ") + field->name() + "=" + ValueOf(request, *field, i);
    }
  }
  return Printable(words, kWordsBytes);
}

}  // namespace patchbay::supervisor
