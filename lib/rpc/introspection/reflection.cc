#include "lib/rpc/introspection/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <vector>

namespace patchbay::rpc {
namespace {

namespace pb = google::protobuf;

// The file and everything it imports, each once, imports last (the order that grpcurl expects).
void AddFile(const pb::FileDescriptor* file, std::set<const pb::FileDescriptor*>& seen, std::vector<std::string>& out) {
  if (!seen.insert(file).second) return;
  pb::FileDescriptorProto proto;
  file->CopyTo(&proto);
  out.push_back(proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) AddFile(file->dependency(i), seen, out);
}

const pb::FileDescriptor* FileOf(const std::string& symbol) {
  return pb::DescriptorPool::generated_pool()->FindFileContainingSymbol(symbol);
}

template <class Response>
void SetError(Response& response, grpc::StatusCode code, const std::string& message) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
}

template <class Response>
void SetFile(Response& response, const pb::FileDescriptor* file, const std::string& what) {
  if (file == nullptr) return SetError(response, grpc::StatusCode::NOT_FOUND, "not found: " + what);
  std::set<const pb::FileDescriptor*> seen;
  std::vector<std::string> files;
  AddFile(file, seen, files);
  for (std::string& bytes : files)
    response.mutable_file_descriptor_response()->add_file_descriptor_proto(std::move(bytes));
}

template <class Request, class Response>
Response Answer(const Server& server, const Request& request) {
  const pb::DescriptorPool& pool = *pb::DescriptorPool::generated_pool();
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const std::string& service : server.services()) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    case Request::kFileByFilename:
      SetFile(response, pool.FindFileByName(request.file_by_filename()), request.file_by_filename());
      break;
    case Request::kFileContainingSymbol:
      SetFile(response, FileOf(request.file_containing_symbol()), request.file_containing_symbol());
      break;
    case Request::kFileContainingExtension: {
      const auto& wanted = request.file_containing_extension();
      const pb::Descriptor* type = pool.FindMessageTypeByName(wanted.containing_type());
      const pb::FieldDescriptor* field =
          type == nullptr ? nullptr : pool.FindExtensionByNumber(type, wanted.extension_number());
      SetFile(response, field == nullptr ? nullptr : field->file(), wanted.containing_type());
      break;
    }
    case Request::kAllExtensionNumbersOfType: {
      const pb::Descriptor* type = pool.FindMessageTypeByName(request.all_extension_numbers_of_type());
      if (type == nullptr) {
        SetError(response, grpc::StatusCode::NOT_FOUND, "not found: " + request.all_extension_numbers_of_type());
        break;
      }
      std::vector<const pb::FieldDescriptor*> extensions;
      pool.FindAllExtensions(type, &extensions);
      auto* reply = response.mutable_all_extension_numbers_response();
      reply->set_base_type_name(type->full_name());
      for (const auto* extension : extensions) reply->add_extension_number(extension->number());
      break;
    }
    case Request::MESSAGE_REQUEST_NOT_SET:
      SetError(response, grpc::StatusCode::INVALID_ARGUMENT, "the request asks for nothing");
      break;
  }
  return response;
}

template <class Request, class Response, class Service, class Start>
void Serve(Server& server, Service& service, Start start) {
  server.Register(service);
  server.Bidi(service, start,
              [&server](CallInfo, std::shared_ptr<ServerStream<Request, Response>> stream) -> Awaitable<Result<void>> {
                Request request;
                while (co_await stream->Receive(request)) {
                  const Response response = Answer<Request, Response>(server, request);
                  if (!co_await stream->Send(response)) break;
                }
                co_return Result<void>();
              });
}

}  // namespace

Introspection::Reflection::Reflection(Server& server) {
  namespace v1 = grpc::reflection::v1;
  namespace v1alpha = grpc::reflection::v1alpha;
  Serve<v1::ServerReflectionRequest, v1::ServerReflectionResponse>(
      server, v1_, &v1::ServerReflection::AsyncService::RequestServerReflectionInfo);
  Serve<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>(
      server, v1alpha_, &v1alpha::ServerReflection::AsyncService::RequestServerReflectionInfo);
}

}  // namespace patchbay::rpc
