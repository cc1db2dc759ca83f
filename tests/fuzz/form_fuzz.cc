// Any bytes as multipart/form-data, and as the form of an image edit: no crash, and every part lies inside the body.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/multipart.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/openai_images/request_decoder.h"

namespace {

using namespace patchbay;  // a fuzz target is one page long

void Expect(bool truth) {
  if (!truth) std::abort();
}

bool Inside(std::string_view part, std::string_view body) {
  return part.empty() || (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  if (const auto parts = wire::ParseForm(body, "b"); parts.ok()) {
    Expect(parts->size() <= wire::kMaxFormParts);
    for (const auto& part : *parts) {
      Expect(!part.name.empty());
      for (const auto text : {part.name, part.filename, part.content_type, part.body}) Expect(Inside(text, body));
    }
  }
  (void)wire::FormBoundary(body);
  const frontend::openai_images::Source source{
      .edit = true, .content_type = "multipart/form-data; boundary=b", .host_model = "m"};
  const auto decoded = frontend::openai_images::DecodeRequest(body, source);
  if (!decoded.ok()) return 0;
  // It can travel to another process: protobuf refuses a string that is not UTF-8.
  inference::v1::GenerateRequest arrived;
  Expect(arrived.ParseFromString(decoded->request.SerializeAsString()));
  return 0;
}
