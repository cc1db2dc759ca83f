// The output items of an answer as events (codex-wire §6.3, §7).
#include <algorithm>

#include "tests/sim/answer.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

// The smallest PNG there is: one transparent pixel.
constexpr std::string_view kPixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

// ,"output_index":2,"item":{"id":"fc_<id>_2","type":"function_call"
void BeginItem(std::string& out, const Facts& facts, int index, std::string_view prefix, std::string_view type) {
  out += ",\"output_index\":";
  AppendNumber(out, index);
  out.append(",\"item\":{\"id\":\"").append(prefix).append("_").append(facts.id).append("_");
  AppendNumber(out, index);
  out.append("\",\"type\":\"").append(type) += '"';
}

// ,"item_id":"msg_<id>_0","output_index":0
void AppendPlace(std::string& out, const Facts& facts, int index, std::string_view prefix) {
  out.append(",\"item_id\":\"").append(prefix).append("_").append(facts.id).append("_");
  AppendNumber(out, index);
  out += "\",\"output_index\":";
  AppendNumber(out, index);
}

void AppendQuoted(std::string& out, const ScriptWriter& writer, std::string_view text) {
  AppendJsonString(out, text, writer.delivery().ascii);
}

void AppendTextPart(std::string& out, const ScriptWriter& writer, std::string_view text, std::string_view annotations) {
  out.append("{\"type\":\"output_text\",\"annotations\":[").append(annotations).append("],\"logprobs\":[],\"text\":");
  AppendQuoted(out, writer, text);
  out += '}';
}

// The members that a call's two events share, up to its text.
void AppendCall(std::string& out, const Facts& facts, int index, const OfferedTool& tool) {
  out.append(",\"call_id\":\"call_").append(facts.id).append("_");
  AppendNumber(out, index);
  out += "\",\"name\":";
  AppendJsonString(out, tool.name);
  if (tool.name_space.empty()) return;
  out += ",\"namespace\":";
  AppendJsonString(out, tool.name_space);
}

}  // namespace

std::vector<std::string> Pieces(std::string_view text, std::size_t bytes) {
  std::vector<std::string> pieces;
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = start;
    while (end < text.size() && end - start < std::max<std::size_t>(bytes, 1)) end += Utf8Length(text[end]);
    end = std::min(end, text.size());
    pieces.emplace_back(text.substr(start, end - start));
    start = end;
  }
  return pieces;
}

void WriteReasoning(ScriptWriter& writer, int index, const std::vector<std::string>& deltas) {
  const Facts& facts = writer.facts();
  const std::string encrypted = MakeEncryptedContent(facts.account_id, facts.id);
  const auto item = [&](std::string_view event, std::string_view summary) {
    std::string& out = writer.Begin(event);
    BeginItem(out, facts, index, "rs", "reasoning");
    out.append(",\"encrypted_content\":\"").append(encrypted).append("\",\"summary\":[").append(summary).append("]}");
    writer.End();
  };
  const auto begin = [&](std::string_view event) -> std::string& {
    std::string& out = writer.Begin(event);
    AppendPlace(out, facts, index, "rs");
    return out += ",\"summary_index\":0";
  };
  item("response.output_item.added", "");
  begin("response.reasoning_summary_part.added") += ",\"part\":{\"type\":\"summary_text\",\"text\":\"\"}";
  writer.End();
  std::string whole;
  for (const std::string& delta : deltas) {
    AppendQuoted(begin("response.reasoning_summary_text.delta") += ",\"delta\":", writer, delta);
    writer.End();
    whole += delta;
    writer.Delta();
  }
  std::string part = "{\"type\":\"summary_text\",\"text\":";
  AppendQuoted(part, writer, whole);
  part += '}';
  AppendQuoted(begin("response.reasoning_summary_text.done") += ",\"text\":", writer, whole);
  writer.End();
  begin("response.reasoning_summary_part.done").append(",\"part\":").append(part);
  writer.End();
  item("response.output_item.done", part);
}

void WriteMessage(ScriptWriter& writer, int index, const std::vector<std::string>& deltas, std::string_view status,
                  bool stamp, std::string_view annotation) {
  const Facts& facts = writer.facts();
  std::string& added = writer.Begin("response.output_item.added");
  BeginItem(added, facts, index, "msg", "message");
  added += ",\"status\":\"in_progress\",\"content\":[],\"phase\":\"final_answer\",\"role\":\"assistant\"}";
  writer.End();
  std::string place;  // the same in every event of this part
  AppendPlace(place, facts, index, "msg");
  place += ",\"content_index\":0";
  std::string& part = writer.Begin("response.content_part.added").append(place).append(",\"part\":");
  AppendTextPart(part, writer, "", "");
  writer.End();
  std::string text;
  for (const std::string& delta : deltas) {
    std::string& out = writer.Begin("response.output_text.delta").append(place).append(",\"delta\":");
    if (stamp) {
      out += '"';
      writer.Stamp(out);
      out += " \"";
    } else {
      AppendQuoted(out, writer, delta);
    }
    out += ",\"logprobs\":[]";
    if (writer.delivery().obfuscation) out += ",\"obfuscation\":\"q8Zt1bXw\"";
    writer.End();
    text += delta;
    writer.Delta();
    if (writer.stopped()) return;
  }
  if (!annotation.empty()) {
    writer.Begin("response.output_text.annotation.added")
        .append(place)
        .append(",\"annotation_index\":0,\"annotation\":")
        .append(annotation);
    writer.End();
  }
  std::string& done = writer.Begin("response.output_text.done").append(place).append(",\"text\":");
  AppendQuoted(done, writer, text);
  done += ",\"logprobs\":[]";
  writer.End();
  std::string& part_done = writer.Begin("response.content_part.done").append(place).append(",\"part\":");
  AppendTextPart(part_done, writer, text, annotation);
  writer.End();
  std::string& item = writer.Begin("response.output_item.done");
  BeginItem(item, facts, index, "msg", "message");
  item.append(",\"status\":\"").append(status).append("\",\"content\":[");
  AppendTextPart(item, writer, text, annotation);
  item += "],\"phase\":\"final_answer\",\"role\":\"assistant\"}";
  writer.End();
}

void WriteRefusal(ScriptWriter& writer, int index, std::string_view text) {
  const Facts& facts = writer.facts();
  const auto part = [&](std::string& out, std::string_view refusal) {
    out += "{\"type\":\"refusal\",\"refusal\":";
    AppendQuoted(out, writer, refusal);
    out += '}';
  };
  std::string& added = writer.Begin("response.output_item.added");
  BeginItem(added, facts, index, "msg", "message");
  added += ",\"status\":\"in_progress\",\"content\":[],\"role\":\"assistant\"}";
  writer.End();
  std::string place;
  AppendPlace(place, facts, index, "msg");
  place += ",\"content_index\":0";
  part(writer.Begin("response.content_part.added").append(place).append(",\"part\":"), "");
  writer.End();
  for (const std::string& piece : Pieces(text, 12)) {
    std::string& out = writer.Begin("response.refusal.delta").append(place).append(",\"delta\":");
    AppendQuoted(out, writer, piece);
    writer.End();
    writer.Delta();
  }
  AppendQuoted(writer.Begin("response.refusal.done").append(place).append(",\"refusal\":"), writer, text);
  writer.End();
  part(writer.Begin("response.content_part.done").append(place).append(",\"part\":"), text);
  writer.End();
  std::string& item = writer.Begin("response.output_item.done");
  BeginItem(item, facts, index, "msg", "message");
  item += ",\"status\":\"completed\",\"content\":[";
  part(item, text);
  item += "],\"role\":\"assistant\"}";
  writer.End();
}

void WriteFunctionCall(ScriptWriter& writer, int index, const OfferedTool& tool, std::string_view arguments,
                       std::size_t piece) {
  const Facts& facts = writer.facts();
  const auto item = [&](std::string_view event, std::string_view status, std::string_view text) {
    std::string& out = writer.Begin(event);
    BeginItem(out, facts, index, "fc", "function_call");
    out.append(",\"status\":\"").append(status).append("\",\"arguments\":");
    AppendQuoted(out, writer, text);
    AppendCall(out, facts, index, tool);
    out += '}';
    writer.End();
  };
  item("response.output_item.added", "in_progress", "");
  for (const std::string& delta : Pieces(arguments, piece)) {
    std::string& out = writer.Begin("response.function_call_arguments.delta");
    AppendPlace(out, facts, index, "fc");
    out += ",\"delta\":";
    AppendQuoted(out, writer, delta);
    writer.End();
    writer.Delta();
  }
  std::string& done = writer.Begin("response.function_call_arguments.done");
  AppendPlace(done, facts, index, "fc");
  done += ",\"name\":";
  AppendJsonString(done, tool.name);
  done += ",\"arguments\":";
  AppendQuoted(done, writer, arguments);
  writer.End();
  item("response.output_item.done", "completed", arguments);
}

void WriteCustomCall(ScriptWriter& writer, int index, const OfferedTool& tool, std::string_view input,
                     std::size_t piece) {
  const Facts& facts = writer.facts();
  const auto item = [&](std::string_view event, std::string_view status, std::string_view text) {
    std::string& out = writer.Begin(event);
    BeginItem(out, facts, index, "ctc", "custom_tool_call");
    out.append(",\"status\":\"").append(status) += '"';
    AppendCall(out, facts, index, tool);
    out += ",\"input\":";
    AppendQuoted(out, writer, text);
    out += '}';
    writer.End();
  };
  item("response.output_item.added", "in_progress", "");
  for (const std::string& delta : Pieces(input, piece)) {
    std::string& out = writer.Begin("response.custom_tool_call_input.delta");
    AppendPlace(out, facts, index, "ctc");
    out += ",\"delta\":";
    AppendQuoted(out, writer, delta);
    writer.End();
    writer.Delta();
  }
  std::string& done = writer.Begin("response.custom_tool_call_input.done");
  AppendPlace(done, facts, index, "ctc");
  done += ",\"input\":";
  AppendQuoted(done, writer, input);
  writer.End();
  item("response.output_item.done", "completed", input);
}

void WriteWebSearch(ScriptWriter& writer, int index, std::string_view query) {
  const Facts& facts = writer.facts();
  std::string& added = writer.Begin("response.output_item.added");
  BeginItem(added, facts, index, "ws", "web_search_call");
  added += ",\"status\":\"in_progress\"}";
  writer.End();
  for (const std::string_view step : {"in_progress", "searching", "completed"}) {
    AppendPlace(writer.Begin("response.web_search_call." + std::string(step)), facts, index, "ws");
    writer.End();
  }
  std::string& done = writer.Begin("response.output_item.done");
  BeginItem(done, facts, index, "ws", "web_search_call");
  done += ",\"status\":\"completed\",\"action\":{\"type\":\"search\",\"query\":";
  AppendQuoted(done, writer, query);
  done += ",\"queries\":[";
  AppendQuoted(done, writer, query);
  done += "]}}";
  writer.End();
}

void WriteCompaction(ScriptWriter& writer, int index) {
  const Facts& facts = writer.facts();
  for (const std::string_view event : {"response.output_item.added", "response.output_item.done"}) {
    std::string& out = writer.Begin(event);
    BeginItem(out, facts, index, "cmp", "compaction");
    out.append(",\"encrypted_content\":\"").append(MakeEncryptedContent(facts.account_id, facts.id)).append("\"}");
    writer.End();
  }
}

void WriteImage(ScriptWriter& writer, int index, std::string_view prompt, std::size_t bytes) {
  const Facts& facts = writer.facts();
  std::string image(kPixel);
  // A padded image is no picture, but it is base64 of the size that was asked for.
  if (bytes > image.size()) image.insert(image.size() - 2, (bytes - image.size()) / 4 * 4, 'A');
  std::string& added = writer.Begin("response.output_item.added");
  BeginItem(added, facts, index, "ig", "image_generation_call");
  added += ",\"status\":\"in_progress\"}";
  writer.End();
  for (const std::string_view step : {"in_progress", "generating"}) {
    AppendPlace(writer.Begin("response.image_generation_call." + std::string(step)), facts, index, "ig");
    writer.End();
  }
  std::string& partial = writer.Begin("response.image_generation_call.partial_image");
  AppendPlace(partial, facts, index, "ig");
  partial.append(",\"partial_image_index\":0,\"partial_image_b64\":\"").append(image);
  partial += "\",\"size\":\"1024x1024\",\"quality\":\"medium\",\"background\":\"opaque\",\"output_format\":\"png\"";
  writer.End();
  writer.Delta();
  AppendPlace(writer.Begin("response.image_generation_call.completed"), facts, index, "ig");
  writer.End();
  std::string& done = writer.Begin("response.output_item.done");
  BeginItem(done, facts, index, "ig", "image_generation_call");
  done +=
      ",\"status\":\"completed\",\"background\":\"opaque\",\"output_format\":\"png\",\"quality\":\"medium\",\"size\":"
      "\"1024x1024\",\"revised_prompt\":";
  AppendQuoted(done, writer, prompt);
  done.append(",\"result\":\"").append(image).append("\"}");
  writer.End();
}

}  // namespace patchbay::sim
