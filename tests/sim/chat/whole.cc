// What a client gets that asked for no stream: the events of one, in a document.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <utility>

#include "tests/sim/chat/answer_chat.h"
#include "tests/sim/json_text.h"
#include "tests/sim/socket.h"

namespace patchbay::sim {
namespace {

Reply DocumentReply(const json::value& value, unsigned status = 200) {
  Reply reply;
  reply.status = status;
  reply.body = json::serialize(value);
  return reply;
}

// What is no object says nothing here.
json::object ObjectOf(std::string_view frame) {
  json::error_code error;
  json::value parsed = json::parse(frame, error);
  return error || !parsed.is_object() ? json::object() : std::move(parsed.get_object());
}

// Text members of a delta are appended, others stand as they come.
void Merge(const json::object& delta, json::object& whole) {
  for (const auto& [key, value] : delta) {
    json::value& place = whole[key];
    if (value.is_string() && place.is_string() && key != "role" && key != "type" && key != "id") {
      place.get_string() += value.get_string();
    } else if (value.is_array() && place.is_array() && key != "tool_calls") {
      for (const json::value& element : value.get_array()) place.get_array().push_back(element);
    } else if (value.is_object() && place.is_object()) {
      Merge(value.get_object(), place.get_object());
    } else if (!value.is_null() || place.is_null()) {
      place = value;
    }
  }
}

// Deltas of calls are told apart by their index, which the whole ones do not have.
void MergeCalls(const json::array& deltas, std::map<std::int64_t, json::object>& calls) {
  for (const json::value& delta : deltas) {
    json::object call = delta.get_object();
    const std::int64_t index = call["index"].as_int64();
    call.erase("index");
    Merge(call, calls[index]);
  }
}

}  // namespace

Reply WholeChat(const Script& script) {
  json::object whole, message;
  std::map<std::int64_t, json::object> calls;
  json::value finish;
  for (const std::string_view frame : FramesOf(script.bytes)) {
    if (frame == "[DONE]") break;
    json::object chunk = ObjectOf(frame);
    if (chunk.contains("error")) return DocumentReply(json::object{{"error", chunk["error"]}}, 500);
    const json::array* choices = ArrayAt(chunk, "choices");
    if (choices != nullptr && !choices->empty()) {
      const json::object& choice = (*choices)[0].get_object();
      json::object delta = *ObjectAt(choice, "delta");
      if (const json::array* call_deltas = ArrayAt(delta, "tool_calls")) MergeCalls(*call_deltas, calls);
      delta.erase("tool_calls");
      Merge(delta, message);
      if (!IsAbsent(choice, "finish_reason")) finish = choice.at("finish_reason");
    }
    chunk.erase("choices");
    if (IsAbsent(chunk, "usage")) chunk.erase("usage");
    for (const auto& [key, value] : chunk) whole[key] = value;
  }
  if (!calls.empty()) {
    json::array list;
    for (auto& [index, call] : calls) list.push_back(std::move(call));
    message["tool_calls"] = std::move(list);
    if (StringAt(message, "content") == "") message["content"] = nullptr;
  }
  if (!message.contains("refusal")) message["refusal"] = nullptr;
  whole["object"] = "chat.completion";
  whole["choices"] = json::array{json::object{
      {"index", 0}, {"message", std::move(message)}, {"logprobs", nullptr}, {"finish_reason", std::move(finish)}}};
  return DocumentReply(whole);
}

Reply WholeResponse(const Script& script) {
  json::array output;
  json::object whole;
  for (const std::string_view frame : FramesOf(script.bytes)) {
    const json::object event = ObjectOf(frame);
    const std::string_view type = StringAt(event, "type").value_or("");
    if (type == "response.output_item.done") output.push_back(event.at("item"));
    if (type == "response.completed" || type == "response.incomplete" || type == "response.failed")
      whole = event.at("response").get_object();
  }
  whole["output"] = std::move(output);
  return DocumentReply(whole);
}

}  // namespace patchbay::sim
