#include "workers/upstream/dialects/openai_chat/part_encoder.h"

#include <algorithm>
#include <string>

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

bool IsText(const inf::Part& part) { return part.has_text() || part.has_refusal(); }

const std::string& TextOf(const inf::Part& part) { return part.has_refusal() ? part.refusal() : part.text(); }

void WriteTextPart(JsonWriter& json, std::string_view text) {
  json.BeginObject().Key("type").String("text").Key("text").String(text).EndObject();
}

void WriteImage(JsonWriter& json, const inf::ImagePart& image) {
  json.BeginObject().Key("type").String("image_url").Key("image_url").BeginObject().Key("url").String(image.url());
  // "original" is the Responses API's alone.
  const bool known = image.detail() == "auto" || image.detail() == "low" || image.detail() == "high";
  if (known) json.Key("detail").String(image.detail());
  json.EndObject().EndObject();
}

// Files are bytes or an id; nobody fetches one from a URL for this API.
void WriteFile(JsonWriter& json, const inf::FilePart& file, Notes& notes) {
  if (file.file_id().empty() && !file.url().starts_with("data:")) {
    notes.Ignore("file_url");
    WriteTextPart(json, "[" + (file.filename().empty() ? "file" : file.filename()) + ": " + file.url() + "]");
    return;
  }
  json.BeginObject().Key("type").String("file").Key("file").BeginObject();
  if (!file.file_id().empty()) {
    json.Key("file_id").String(file.file_id());
  } else {
    json.Key("file_data").String(file.url()).Key("filename").String(file.filename().empty() ? "file" : file.filename());
  }
  json.EndObject().EndObject();
}

Result<void> WritePart(JsonWriter& json, const inf::Part& part, Notes& notes) {
  switch (part.kind_case()) {
    case inf::Part::kText:
    case inf::Part::kRefusal: WriteTextPart(json, TextOf(part)); return {};
    case inf::Part::kImage: WriteImage(json, part.image()); return {};
    case inf::Part::kFile: WriteFile(json, part.file(), notes); return {};
    case inf::Part::kAudio:
      json.BeginObject().Key("type").String("input_audio").Key("input_audio").BeginObject();
      json.Key("data").String(part.audio().data_base64()).Key("format").String(part.audio().format());
      json.EndObject().EndObject();
      return {};
    case inf::Part::kOpaque: notes.Ignore(part.opaque().type()); return {};
    case inf::Part::KIND_NOT_SET: break;
  }
  return Error(ErrorCode::kInvalidArgument, "a part of a message is empty").From(Origin::kClient).At("input.content");
}

}  // namespace

Result<void> WriteContent(JsonWriter& json, const google::protobuf::RepeatedPtrField<inf::Part>& parts, Notes& notes) {
  if (std::all_of(parts.begin(), parts.end(), IsText)) {
    std::string text;
    for (const inf::Part& part : parts) text += (text.empty() ? "" : "\n") + TextOf(part);
    json.String(text);
    return {};
  }
  json.BeginArray();
  for (const inf::Part& part : parts) RETURN_IF_ERROR(WritePart(json, part, notes));
  json.EndArray();
  return {};
}

void WriteMedia(JsonWriter& json, std::string_view text, const std::vector<const inf::Part*>& media, Notes& notes) {
  json.BeginArray();
  WriteTextPart(json, text);
  for (const inf::Part* part : media) {
    part->has_image() ? WriteImage(json, part->image()) : WriteFile(json, part->file(), notes);
  }
  json.EndArray();
}

}  // namespace patchbay::upstream::openai_chat
