// Any bytes as the body of each endpoint of Ollama's: no crash, and what is understood can travel to another process
// and be answered with lines of JSON.
#include <google/protobuf/message.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/boost_json.h"
#include "workers/ollama/dialect/answer_encoder.h"
#include "workers/ollama/dialect/chat_request.h"
#include "workers/ollama/dialect/embed.h"
#include "workers/ollama/dialect/generate_request.h"
#include "workers/ollama/dialect/manage.h"

namespace {

using namespace patchbay;  // a fuzz target is one page long

void Expect(bool truth) {
  if (!truth) std::abort();
}

void Check(ollama::Endpoint endpoint, const Result<ollama::Asked>& asked) {
  if (!asked.ok()) return Expect(!asked.error().message.empty());
  Expect(!asked->model.empty());
  // Protobuf refuses a string that is not UTF-8.
  inference::v1::GenerateRequest arrived;
  Expect(arrived.ParseFromString(asked->request.SerializeAsString()));
  ollama::AnswerEncoder encoder(endpoint, *asked);
  inference::v1::GenerateEvent event;
  event.mutable_finished()->set_reason(inference::v1::FINISH_REASON_STOP);
  std::string out;
  Expect(encoder.Encode(event, {}, out).ok());
  encoder.Finish({}, {}, out);
  Expect(wire::ParseJson(out).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  Check(ollama::Endpoint::kChat, ollama::DecodeChat(body));
  Check(ollama::Endpoint::kGenerate, ollama::DecodeGenerate(body));
  for (const auto& asked : {ollama::DecodeEmbed(body), ollama::DecodeEmbeddings(body)}) {
    gateway::v1::EmbedCall arrived;
    if (asked.ok()) Expect(arrived.ParseFromString(asked->call.SerializeAsString()));
  }
  (void)ollama::DecodeModel(body);
  (void)ollama::DecodeCopy(body);
  return 0;
}
