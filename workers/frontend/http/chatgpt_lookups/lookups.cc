#include "workers/frontend/http/chatgpt_lookups/lookups.h"

#include <algorithm>

#include "lib/base/text.h"
#include "lib/base/version.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/url.h"

namespace patchbay::frontend {
namespace {

constexpr std::size_t kMaxAccountBytes = 128;
// The version that the client is known to speak, for one that names none.
constexpr std::string_view kToolProtocol = "2025-06-18";
constexpr std::size_t kMaxVersionBytes = 32;
// JSON-RPC 2.0 §5.1.
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kAccepted = 202;
constexpr int kBadRequest = 400;

}  // namespace

std::optional<std::string> HttpsOrigin(std::string_view host, bool secure, std::string_view forwarded_protocol) {
  if (host.empty() || (!secure && !EqualsIgnoreCase(forwarded_protocol, "https"))) return std::nullopt;
  std::string origin = std::string("https://").append(host);
  const auto url = wire::ParseHttpUrl(origin);
  if (!url.ok() || !url->path.empty()) return std::nullopt;
  return origin;
}

std::string AccountOf(std::string_view header, std::string_view otherwise) {
  const bool plain = !header.empty() && header.size() <= kMaxAccountBytes &&
                     std::all_of(header.begin(), header.end(),
                                 [](char c) { return IsLetterOrDigit(c) || c == '-' || c == '_' || c == '.'; });
  return std::string(plain ? header : otherwise);
}

std::string WorkspacesJson(std::string_view account, std::string_view origin) {
  std::string body;
  wire::JsonWriter json(body);
  json.BeginObject().Key("accounts").BeginArray().BeginObject();
  json.Key("id").String(account);
  json.Key("name").String("patchbay");
  json.Key("structure").String("personal");
  json.Key("workspace_backend_origin").String(origin);
  json.Key("account_routing_override").String("NO_CONSTRAINT");
  json.EndObject().EndArray();
  json.Key("account_ordering").BeginArray().String(account).EndArray();
  json.Key("default_account_id").String(account);
  json.EndObject();
  return body;
}

Answer ToolServerAnswer(std::string_view body) {
  const auto document = wire::JsonDocument::Parse(body);
  const boost::json::value nothing;
  const boost::json::value& message = document.ok() ? document->root() : nothing;
  const boost::json::value* id = wire::FindMember(message, "id");
  const std::string_view method = wire::FindString(message, "method");
  // A notification wants no answer.
  if (!method.empty() && (id == nullptr || id->is_null())) {
    Answer accepted;
    accepted.status = kAccepted;
    return accepted;
  }
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("jsonrpc").String("2.0").Key("id");
  if (id != nullptr && id->is_string()) {
    json.String(std::string(id->get_string()));
  } else if (id != nullptr && id->is_int64()) {
    json.Int(id->get_int64());
  } else {
    json.Null();
  }
  if (method == "initialize") {
    const boost::json::value* parameters = wire::FindMember(message, "params");
    std::string_view version = parameters == nullptr ? "" : wire::FindString(*parameters, "protocolVersion");
    if (version.empty() || version.size() > kMaxVersionBytes) version = kToolProtocol;
    json.Key("result").BeginObject().Key("protocolVersion").String(version);
    json.Key("capabilities").BeginObject().Key("tools").BeginObject().EndObject().EndObject();
    json.Key("serverInfo").BeginObject().Key("name").String("patchbay").Key("version").String(kVersion).EndObject();
    json.EndObject();
  } else if (method == "tools/list") {
    json.Key("result").BeginObject().Key("tools").BeginArray().EndArray().EndObject();
  } else if (method == "ping") {
    json.Key("result").BeginObject().EndObject();
  } else {
    json.Key("error").BeginObject().Key("code").Int(method.empty() ? kInvalidRequest : kMethodNotFound);
    json.Key("message").String(method.empty() ? "this is no request" : "there is no such method here").EndObject();
  }
  json.EndObject();
  return JsonAnswer(std::move(out), method.empty() ? kBadRequest : 200);
}

}  // namespace patchbay::frontend
