// One Gateway.Generate call from the command line, for the integration tests: a client that shares no code with ours
// but the contract.
//
//   patchbay-test-generate --gateway unix:/path --token-file FILE < GenerateCall-as-JSON
//
// Each GenerateReply is a line of JSON on standard output. The exit code is the status code of the RPC, its message
// goes to standard error. With --leave-after N the call is cancelled when N messages have come.
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "patchbay/gateway/v1/gateway.grpc.pb.h"

namespace {

constexpr std::chrono::seconds kDeadline{60};

std::string Option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == name) return argv[i + 1];
  }
  return {};
}

template <class Stream>
std::string ReadAll(Stream& stream) {
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream token_file(Option(argc, argv, "--token-file"));
  std::string token = ReadAll(token_file);
  while (!token.empty() && token.back() == '\n') token.pop_back();
  patchbay::gateway::v1::GenerateCall call;
  if (!google::protobuf::util::JsonStringToMessage(ReadAll(std::cin), &call).ok()) {
    std::cerr << "standard input is no GenerateCall\n";
    return 64;
  }
  const std::string leave = Option(argc, argv, "--leave-after");
  int left = leave.empty() ? -1 : std::atoi(leave.c_str());

  const auto channel = grpc::CreateChannel(Option(argc, argv, "--gateway"), grpc::InsecureChannelCredentials());
  const auto stub = patchbay::gateway::v1::Gateway::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  if (!token.empty()) context.AddMetadata("patchbay-role", token);
  const auto stream = stub->Generate(&context, call);
  patchbay::gateway::v1::GenerateReply reply;
  while (stream->Read(&reply)) {
    std::string line;
    if (!google::protobuf::util::MessageToJsonString(reply, &line).ok()) return 70;
    std::cout << line << std::endl;
    if (--left == 0) context.TryCancel();
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok()) std::cerr << status.error_message() << '\n';
  return status.error_code();
}
