// A program that uses the gateway's gRPC service: lists the models, asks one of them, and prints the answer as it
// comes.
//
//   patchbay-example-gateway unix:/run/patchbay/frontend.sock MODEL "Why is the sky blue?"
//   patchbay-example-gateway gw.example:7443 MODEL "…" ci.ca.crt ci.crt ci.key
//
// The client key is in $PATCHBAY_KEY. Nothing of patchbay is used but its contract: see docs/grpc.md.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "patchbay/gateway/v1/gateway.grpc.pb.h"

namespace {

namespace inference = patchbay::inference::v1;
using patchbay::gateway::v1::Gateway;

constexpr std::chrono::minutes kPatience{5};
// The gateway is known by this name, whatever its address is.
constexpr const char* kGatewayName = "gateway.patchbay.internal";

std::string Content(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<grpc::Channel> Connect(int argc, char** argv) {
  if (argc < 7) return grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = Content(argv[4]);
  tls.pem_cert_chain = Content(argv[5]);
  tls.pem_private_key = Content(argv[6]);
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kGatewayName);
  return grpc::CreateCustomChannel(argv[1], grpc::SslCredentials(tls), arguments);
}

void Prepare(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  if (const char* key = std::getenv("PATCHBAY_KEY")) context.AddMetadata("authorization", std::string("Bearer ") + key);
}

int Failed(const grpc::Status& status) {
  std::cerr << status.error_message() << '\n';
  return 1;
}

int ListModels(Gateway::Stub& gateway) {
  grpc::ClientContext context;
  Prepare(context);
  patchbay::gateway::v1::ListModelsReply reply;
  const grpc::Status status = gateway.ListModels(&context, {}, &reply);
  if (!status.ok()) return Failed(status);
  for (const auto& model : reply.models()) std::cerr << model.id() << '\n';
  return 0;
}

int Ask(Gateway::Stub& gateway, const std::string& model, const std::string& question) {
  patchbay::gateway::v1::GenerateCall call;
  call.mutable_request()->set_model(model);
  auto& message = *call.mutable_request()->add_items()->mutable_message();
  message.set_role(inference::ROLE_USER);
  message.add_parts()->set_text(question);

  grpc::ClientContext context;  // context.TryCancel() ends the provider's stream too
  Prepare(context);
  const auto stream = gateway.Generate(&context, call);
  int code = 0;
  patchbay::gateway::v1::GenerateReply reply;
  while (stream->Read(&reply)) {
    for (const inference::GenerateEvent& event : reply.events()) {
      if (event.has_text_delta()) std::cout << event.text_delta().text() << std::flush;
      if (event.has_failed()) {  // it broke after it began
        std::cerr << event.failed().failure().message() << '\n';
        code = 1;
      }
    }
  }
  std::cout << std::endl;
  const grpc::Status status = stream->Finish();
  return status.ok() ? code : Failed(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 7) {
    std::cerr << "usage: " << argv[0] << " ADDRESS MODEL QUESTION [CA CERTIFICATE KEY]\n";
    return 64;
  }
  const auto gateway = Gateway::NewStub(Connect(argc, argv));
  const int listed = ListModels(*gateway);
  return listed != 0 ? listed : Ask(*gateway, argv[2], argv[3]);
}
