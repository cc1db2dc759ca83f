#include "lib/events/kinds.h"

#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::events {
namespace {

constexpr std::string_view kPrefix = "EVENT_KIND_";

std::string WhoOf(const v1::Event& event) {
  if (!event.account().empty()) {
    return "account " + event.account() + (event.account_label().empty() ? "" : " (" + event.account_label() + ")");
  }
  if (!event.client_key().empty()) return "client key " + event.client_key();
  if (!event.provider().empty()) return "provider " + event.provider();
  return "the gateway";
}

}  // namespace

std::vector<v1::EventKind> Kinds() {
  std::vector<v1::EventKind> kinds;
  const auto& all = *v1::EventKind_descriptor();
  for (int i = 0; i < all.value_count(); ++i) {
    if (all.value(i)->number() != v1::EVENT_KIND_UNSPECIFIED) {
      kinds.push_back(static_cast<v1::EventKind>(all.value(i)->number()));
    }
  }
  return kinds;
}

std::string NameOf(v1::EventKind kind) {
  const std::string& name = v1::EventKind_Name(kind);
  return name.empty() ? name : LowerCase(std::string_view(name).substr(kPrefix.size()));
}

std::optional<v1::EventKind> ParseKind(std::string_view name) {
  for (const v1::EventKind kind : Kinds()) {
    if (NameOf(kind) == name) return kind;
  }
  return std::nullopt;
}

const v1::KindFacts& FactsOf(v1::EventKind kind) {
  const auto* value = v1::EventKind_descriptor()->FindValueByNumber(kind);
  return value == nullptr ? v1::KindFacts::default_instance() : value->options().GetExtension(v1::facts);
}

std::string_view ToString(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_INFO: return "info";
    case v1::SEVERITY_WARNING: return "warning";
    case v1::SEVERITY_ERROR: return "error";
    default: return "info";
  }
}

std::string SubjectOf(const v1::Event& event) {
  std::string subject = WhoOf(event);
  if (!event.part().empty()) subject += ", " + event.part();
  return subject;
}

std::string TextOf(const v1::Event& event) {
  const v1::KindFacts& facts = FactsOf(event.kind());
  std::string text = WhoOf(event) + " " + (facts.says().empty() ? "has an event" : facts.says());
  if (!event.part().empty()) text += " (" + event.part() + ")";
  if (event.has_until()) text += ", until " + Rfc3339(ToWallTime(event.until()));
  if (!event.evidence().empty()) text += ": " + event.evidence();
  return text;
}

}  // namespace patchbay::events
