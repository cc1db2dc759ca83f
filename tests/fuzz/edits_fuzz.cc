// What a grant writes into a Responses body, for any body: it stays JSON, says what the grant says, and a
// second edit of the same changes nothing.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"

namespace {

using namespace patchbay;  // a fuzz target is one page long

void Expect(bool truth) {
  if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Bodies arrive here checked; what is no JSON must still do no harm.
  // Numbers past what a double has room for are JSON, but none that this test could read back.
  const bool checked = wire::ValidateJson(body).ok() && wire::ParseJson(body).ok();
  frontend::GrantTerms granted;
  granted.model = "wire";
  if ((data[0] & 1) != 0) granted.reasoning_effort = "high";
  if ((data[0] & 2) != 0) granted.service_tier = "priority";
  const auto edited = frontend::openai_responses::WithTerms(body, "client", granted);
  if (!checked || !edited.ok()) return 0;
  const auto value = wire::ParseJson(*edited);
  Expect(value.ok() && value->is_object());
  Expect(value->at("model") == "wire");
  if (!granted.reasoning_effort.empty()) Expect(value->at("reasoning").at("effort") == "high");
  if (!granted.service_tier.empty()) Expect(value->at("service_tier") == "priority");
  const auto again = frontend::openai_responses::WithTerms(*edited, "client", granted);
  Expect(again.ok() && *again == *edited);
  return 0;
}
