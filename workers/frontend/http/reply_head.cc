#include "workers/frontend/http/reply_head.h"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::frontend {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

constexpr const char* kModelHeader = "x-patchbay-model";
constexpr const char* kIgnoredHeader = "x-patchbay-ignored";

// What a head of ours says by itself; the provider's word about it is about its own message.
bool IsOurs(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"cache-control", "connection",        "content-length",
                                                      "content-type",  "transfer-encoding", "x-accel-buffering"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// The model that serves a name that is not its own, and what the name asked for: "gpt-6.2-sol; effort=high".
std::string ServedModel(const accounts::v1::Granted& granted, const std::string& own_effort) {
  std::string text = granted.wire_model();
  const std::string& effort = granted.reasoning_effort();
  if (!effort.empty() && effort != own_effort) text += "; effort=" + effort;
  if (!granted.service_tier().empty()) text += "; tier=" + granted.service_tier();
  return text;
}

// A header's value may hold visible ASCII only (RFC 9110 §5.5); names of fields come from clients.
std::string HeaderSafe(std::string text) {
  constexpr std::size_t kMaxBytes = 2048;
  if (text.size() > kMaxBytes) text.resize(kMaxBytes);
  for (char& c : text) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return text;
}

// A client knows some of its wishes by other names.
std::string InTheClientsWords(const std::string& canonical, const std::vector<WishedFor>& wishes) {
  const auto wish = std::find_if(wishes.begin(), wishes.end(), [&](const auto& w) { return w.canonical == canonical; });
  return wish == wishes.end() ? canonical : wish->field;
}

}  // namespace

void ReplyHead::BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) {
  relay_ = route.relay;
  ignored_ = route.ignored;
  repaired_ = route.repaired;
  provider_ = granted.provider();
  provider_headers_.clear();
  quota_headers_.clear();
  if (std::string served = ServedModel(granted, effort_); served != model_) {
    provider_headers_.emplace_back(kModelHeader, std::move(served));
  }
  ignored_by_provider_.clear();
  repaired_by_provider_.clear();
}

void ReplyHead::Take(const upstream::v1::Head& head, const std::vector<WishedFor>& wishes) {
  for (const auto& header : head.headers()) {
    if (header.name() == "x-request-id") {
      provider_headers_.emplace_back("x-provider-request-id", header.value());
    } else if (!IsOurs(header.name())) {
      provider_headers_.emplace_back(header.name(), header.value());
    }
  }
  for (const auto& header : head.quota_headers()) quota_headers_.emplace_back(header.name(), header.value());
  for (const std::string& name : head.ignored()) ignored_by_provider_.push_back(InTheClientsWords(name, wishes));
  repaired_by_provider_.assign(head.repaired().begin(), head.repaired().end());
}

Losses ReplyHead::LossesOf(const ReplyPlan& plan) const {
  // What the canonical form lost, a relay's provider was told.
  Losses losses;
  if (!relay_) losses = {plan.ignored, plan.repaired};
  for (const auto* more : {&ignored_, &ignored_by_provider_}) {
    losses.ignored.insert(losses.ignored.end(), more->begin(), more->end());
  }
  for (const auto* more : {&repaired_, &repaired_by_provider_}) {
    losses.repaired.insert(losses.repaired.end(), more->begin(), more->end());
  }
  return losses;
}

HeaderList ReplyHead::Headers(const ReplyPlan& plan, std::string_view content_type) const {
  HeaderList headers = headers_;
  headers.emplace_back("content-type", content_type);
  if (plan.stream) {
    headers.emplace_back("cache-control", "no-cache");
    headers.emplace_back("x-accel-buffering", "no");  // nginx in front must not collect the stream
  }
  const Losses losses = LossesOf(plan);
  if (!losses.ignored.empty()) headers.emplace_back(kIgnoredHeader, HeaderSafe(Joined(losses.ignored)));
  if (!losses.repaired.empty()) headers.emplace_back("x-patchbay-repaired", HeaderSafe(Joined(losses.repaired)));
  for (const auto& [name, value] : provider_headers_) headers.emplace_back(name, HeaderSafe(value));
  const std::optional<HeaderList> shown = quota_ ? quota_(provider_) : std::nullopt;
  for (const auto& [name, value] : shown ? *shown : quota_headers_) headers.emplace_back(name, HeaderSafe(value));
  return headers;
}

}  // namespace patchbay::frontend
