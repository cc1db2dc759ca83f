// The Responses API over WebSocket, as the frontend reads it: what clients send, and what the provider's frames become.
// A line of the input is a frame; the first byte chooses the side and the kind of client.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/utf8.h"
#include "workers/frontend/dialects/openai_responses/codex/request_edits.h"
#include "workers/frontend/dialects/openai_responses/socket_frames.h"

namespace {

using namespace patchbay;                              // a fuzz target is one page long
using namespace patchbay::frontend;                    // likewise
using namespace patchbay::frontend::openai_responses;  // likewise

void Expect(bool truth) {
  if (!truth) std::abort();
}

void ExpectFrame(std::string_view frame) {
  Expect(wire::IsValidUtf8(frame));
  const auto value = wire::ParseJson(frame);
  Expect(value.ok() && value->is_object());
}

std::vector<std::string_view> Lines(std::string_view bytes) {
  std::vector<std::string_view> lines;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    lines.push_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return lines;
}

void FromClient(std::string_view text, const ClientTraits& client) {
  auto frame = DecodeFrame(std::string(text), client);
  if (!frame.ok()) return ExpectFrame(ErrorFrame(ProblemOf(frame.error())));
  if (!frame->wants_answer) return;
  const auto edits = codex::EditsFor(frame->request);
  if (!edits.ok()) return ExpectFrame(ErrorFrame(ProblemOf(edits.error())));
  std::string sent = frame->request.With(edits->changes);
  ExpectFrame(sent);
  Expect(wire::FindTopLevel(sent, "model").ok());
  if (const std::string told = IgnoredFrame(edits->ignored); !told.empty()) ExpectFrame(told);
  ExpectFrame(ErrorFrame(PreviousResponseLost(frame->previous_response_id)));
}

void FromProvider(const std::vector<std::string_view>& frames, bool native) {
  ResponseAdditions additions;
  if (!native) additions.echoes.push_back({"metadata", R"({"a":"b"})"});
  FrameEncoder encoder(native, std::move(additions));
  bool json = true;  // every frame so far: the last one repeats what those before it said
  for (const std::string_view frame : frames) {
    std::vector<std::string> out;
    const bool ended = encoder.ended();
    if (!encoder.Relay(frame, out).ok()) return;
    Expect(!ended || encoder.ended());
    Expect(out.size() <= 1);
    if (native) {
      Expect(out.size() == 1 && out.front() == frame);
      continue;
    }
    std::string came(frame);
    json = json && wire::ValidateJson(came).ok();
    for (std::string& told : out) Expect(!json || wire::ValidateJson(told).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool native = (data[0] & 1) != 0;
  if ((data[0] & 2) != 0) {
    FromClient(bytes, {.native = native, .responses_lite = (data[0] & 4) != 0});
  } else {
    FromProvider(Lines(bytes), native);
  }
  return 0;
}
