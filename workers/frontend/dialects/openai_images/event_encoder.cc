#include "workers/frontend/dialects/openai_images/event_encoder.h"

#include "lib/wire/sse.h"
#include "workers/frontend/dialects/common/reply/lent_buffer.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend::openai_images {
namespace {

constexpr std::string_view kPartial = "partial_image", kCompleted = "completed";

}  // namespace

EventEncoder::EventEncoder(ReplyIdentity identity)
    : identity_(identity),
      reader_([this](const GeneratedImage& image, std::int64_t index) { Append(kPartial, image, index, out_); }) {}

Result<void> EventEncoder::Encode(const inference::v1::GenerateEvent& event, std::string& out) {
  {
    const LentBuffer lent(out_, out);
    RETURN_IF_ERROR(reader_.Read(event));
  }
  if (ended_) return {};
  if (reader_.finished() && reader_.images().empty()) {
    EncodeBreak(ProblemOf(reader_.NoImage()), out);
  } else if (reader_.finished()) {
    ended_ = true;
    Append(kCompleted, reader_.images().front(), 0, out);
  }
  return {};
}

void EventEncoder::EncodeBreak(const Problem& problem, std::string& out) {
  if (ended_) return;
  ended_ = true;
  std::string data = R"({"type":"error","error":)";
  AppendOpenAiError(problem, data);
  wire::AppendSseEvent(out, "error", data.append("}"));
}

void EventEncoder::Append(std::string_view kind, const GeneratedImage& image, std::int64_t index,
                          std::string& out) const {
  const std::string type = std::string(identity_.edit ? "image_edit." : "image_generation.").append(kind);
  std::string data;
  wire::JsonWriter json(data);
  json.BeginObject().Key("type").String(type).Key("b64_json").String(image.data_base64());
  json.Key("created_at").Int(identity_.created);
  AppendProperties(json, image);
  if (kind == kPartial) {
    json.Key("partial_image_index").Int(index);
  } else {
    std::string usage;
    AppendUsage(usage, reader_.usage());
    json.Key("usage").Raw(usage);
  }
  json.EndObject();
  wire::AppendSseEvent(out, type, data);
}

}  // namespace patchbay::frontend::openai_images
