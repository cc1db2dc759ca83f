#include "workers/frontend/dialects/openai_responses/stored/stored_answers.h"

#include <algorithm>

#include "lib/base/number.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/url.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"

namespace patchbay::frontend::openai_responses {
namespace {

namespace json = boost::json;

constexpr std::size_t kDefaultPage = 20, kMaxPage = 100;

Answer Json(std::string body) {
  return {.status = 200, .headers = {{"content-type", "application/json"}}, .body = std::move(body)};
}

Answer Refuse(Problem::Kind kind, std::string message, std::string param = {}) {
  Problem problem(kind, std::move(message));
  problem.param = std::move(param);
  return EncodeError(problem);
}

// What was said before and in this turn, oldest first. Items that the client gave no id get one, for the listing has to
// name them: the same one each time.
json::array InputItems(const StoredResponse& response) {
  std::vector<std::string_view> pieces;
  for (const ItemsJson& items : response.history) pieces.push_back(*items);
  pieces.push_back(*response.input);
  auto parsed = wire::ParseJson(JoinItems(pieces));
  if (!parsed.ok() || !parsed->is_array()) return {};
  json::array items = std::move(parsed->get_array());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_object() || !wire::FindString(items[i], "id").empty()) continue;
    const std::string_view prefix = IdPrefix(wire::FindString(items[i], "type"));
    std::string id(prefix.empty() ? "item_" : prefix);
    items[i].get_object()["id"] = id.append(response.id).append("_").append(std::to_string(i));
  }
  return items;
}

Answer ListInput(const StoredResponse& response, std::string_view query) {
  const std::string limit_text = wire::QueryValue(query, "limit"), order = wire::QueryValue(query, "order"),
                    after = wire::QueryValue(query, "after");
  std::size_t limit = kDefaultPage;
  if (!limit_text.empty()) {
    limit = ParseNumber<std::size_t>(limit_text).value_or(0);
    if (limit < 1 || limit > kMaxPage) {
      return Refuse(Problem::Kind::kBadRequest, "expected a number from 1 to 100", "limit");
    }
  }
  if (!order.empty() && order != "asc" && order != "desc") {
    return Refuse(Problem::Kind::kBadRequest, "expected 'asc' or 'desc'", "order");
  }
  json::array items = InputItems(response);
  if (order != "asc") std::reverse(items.begin(), items.end());
  std::size_t first = 0;
  if (!after.empty()) {
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&](const json::value& item) { return wire::FindString(item, "id") == after; });
    if (found == items.end()) return Refuse(Problem::Kind::kBadRequest, "there is no item of that id", "after");
    first = static_cast<std::size_t>(found - items.begin()) + 1;
  }
  const std::size_t last = std::min(items.size(), first + limit);
  json::array page(items.begin() + static_cast<std::ptrdiff_t>(first),
                   items.begin() + static_cast<std::ptrdiff_t>(last));
  const auto id_of = [&](std::size_t i) { return page.empty() ? json::value() : page[i].at("id"); };
  json::object list{{"object", "list"}};
  list["first_id"] = id_of(0);
  list["last_id"] = id_of(page.empty() ? 0 : page.size() - 1);
  list["has_more"] = last < items.size();
  list["data"] = std::move(page);
  return Json(wire::JsonText(list));
}

}  // namespace

Answer AnswerStored(std::string_view method, std::string_view id, std::string_view suffix, std::string_view query,
                    ClientResponses* stored) {
  const StoredResponse* response = stored == nullptr ? nullptr : stored->Find(id);
  if (response == nullptr) {
    return Refuse(Problem::Kind::kNotFound,
                  "Response with id '" + std::string(id.substr(0, kMaxShownIdBytes)) + "' not found.");
  }
  if (method == "DELETE") {
    std::string body;
    wire::JsonWriter(body)
        .BeginObject()
        .Key("id")
        .String(id)
        .Key("object")
        .String("response")
        .Key("deleted")
        .Bool(true)
        .EndObject();
    stored->Erase(id);
    return Json(std::move(body));
  }
  if (suffix == "/cancel") {
    return Refuse(Problem::Kind::kBadRequest, "Only a response that runs in the background can be cancelled.");
  }
  if (suffix == "/input_items") return ListInput(*response, query);
  if (const std::string stream = wire::QueryValue(query, "stream"); stream == "true") {
    return Refuse(Problem::Kind::kUnsupported, "a kept response is not streamed again", "stream");
  }
  return Json(response->response);
}

}  // namespace patchbay::frontend::openai_responses
