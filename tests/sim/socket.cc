#include "tests/sim/socket.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>

#include "tests/sim/json_text.h"

namespace patchbay::sim {
namespace {

constexpr std::string_view kData = "data: ";

// "x-codex-plan-type" → "X-Codex-Plan-Type": so they stand in live error frames.
std::string TitleCase(std::string_view name) {
  std::string title(name);
  bool first = true;
  for (char& c : title) {
    if (first) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    first = c == '-';
  }
  return title;
}

json::object HeadersOf(std::string_view lines) {
  json::object headers;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || line.starts_with("set-cookie")) continue;
    headers[TitleCase(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return headers;
}

// The error object of either family of bodies (codex-wire §8.1).
json::object ErrorObject(std::string_view body) {
  json::error_code error;
  const json::value document = json::parse(body, error);
  const json::object* object = error ? nullptr : document.if_object();
  if (object != nullptr) {
    if (const json::object* inner = ObjectAt(*object, "error")) return *inner;
    if (const auto detail = StringAt(*object, "detail")) {
      return {{"type", "invalid_request_error"}, {"message", *detail}, {"code", nullptr}, {"param", nullptr}};
    }
    if (const json::object* detail = ObjectAt(*object, "detail")) return *detail;
  }
  return {{"type", "server_error"}, {"message", "An error occurred."}, {"code", nullptr}, {"param", nullptr}};
}

}  // namespace

std::vector<std::string_view> FramesOf(std::string_view events) {
  std::vector<std::string_view> frames;
  while (!events.empty()) {
    const std::size_t end = events.find('\n');
    if (end == std::string_view::npos) break;  // an event that was cut in its middle is no frame
    std::string_view line = events.substr(0, end);
    events.remove_prefix(end + 1);
    if (!line.starts_with(kData)) continue;
    line.remove_prefix(kData.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    frames.push_back(line);
  }
  return frames;
}

std::string ErrorFrame(const Reply& reply) {
  json::object frame{{"type", "error"}};
  frame["error"] = ErrorObject(reply.body);
  frame["status_code"] = reply.status;
  frame["headers"] = HeadersOf(reply.header_lines);
  return json::serialize(frame);
}

void Remember(std::string_view events, json::array input, SocketMemory& memory) {
  memory.response_id.clear();
  memory.items.clear();
  for (const std::string_view frame : FramesOf(events)) {
    json::error_code error;
    const json::value document = json::parse(frame, error);
    const json::object* event = error ? nullptr : document.if_object();
    if (event == nullptr) continue;
    const std::string_view type = StringAt(*event, "type").value_or("");
    if (type == "response.output_item.done") input.push_back(event->at("item"));
    if (type != "response.completed" && type != "response.incomplete") continue;
    memory.response_id = StringAt(event->at("response").as_object(), "id").value_or("");
    memory.items = std::move(input);
    return;
  }
}

}  // namespace patchbay::sim
