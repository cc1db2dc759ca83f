#include "cli/trace_page.h"

#include <algorithm>

#include "cli/table.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using accounts::v1::TracedAccount;

std::string NameOf(const std::string& account, const std::string& label) {
  return account + (label.empty() ? "" : " (" + label + ")");
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// `name value` behind a comma, where there is a value.
void AddFact(std::string& text, const std::string& name, const std::string& value) {
  if (!value.empty()) text += (text.empty() ? "" : ", ") + name + (name.empty() ? "" : " ") + value;
}

std::string TextOf(const google::protobuf::Duration& duration) { return HumanDuration(ToMilliseconds(duration)); }

std::string ChoiceText(const accounts::v1::TracedChoice& choice) {
  std::string how = choice.relay() ? "the client's bytes as they are" : "translated";
  if (!choice.dialect().empty()) how += " to " + choice.dialect();
  if (!choice.reasoning_effort().empty()) {
    how += ", effort " + choice.reasoning_effort() + (choice.effort_fitted() ? " (the nearest)" : "");
  }
  if (!choice.service_tier().empty()) how += ", tier " + choice.service_tier();
  if (choice.without_sealed_reasoning()) how += ", without sealed reasoning";
  return "attempt " + std::to_string(choice.attempt()) + " on " + NameOf(choice.account(), choice.label()) + " of " +
         choice.provider() + " as " + choice.wire_model() + ": " + choice.reason() + "; " + how;
}

std::string EndText(const accounts::v1::TracedEnd& end) {
  std::string facts;
  AddFact(facts, "", end.failure());
  if (end.notes().has_head()) AddFact(facts, "taken after", TextOf(end.notes().head()));
  if (end.has_first_output()) AddFact(facts, "first output after", TextOf(end.first_output()));
  if (end.has_total()) AddFact(facts, "took", TextOf(end.total()));
  AddFact(facts, "served by", end.served_model());
  AddFact(facts, "ignored:", Joined(end.notes().ignored()));
  AddFact(facts, "repaired:", Joined(end.notes().repaired()));
  return end.outcome() + (facts.empty() ? "" : ": " + facts);
}

std::string VerdictText(const accounts::v1::TracedVerdict& verdict) {
  return verdict.failure() + " on " + verdict.account() + ": fault of the " + verdict.fault() + ", effect " +
         verdict.effect() + ", " + verdict.evidence() + " evidence (row " + verdict.rule() + ")";
}

std::string DenialText(const accounts::v1::TracedDenial& denial, WallTime now) {
  std::string text =
      "denied (" + HumanEnum(accounts::v1::DenyReason_Name(denial.reason()), "DENY_REASON_") + "): " + denial.message();
  if (!denial.accounts().empty()) text += " (" + denial.accounts() + ")";
  if (denial.has_available_at()) text += "; it makes sense again " + HumanTime(denial.available_at(), now);
  return text;
}

std::string AccountLine(const TracedAccount& account, bool colour) {
  std::string place = account.place() == 0 ? "-" : std::to_string(account.place());
  place.resize(3, ' ');
  const std::string name = account.account().empty() ? "?" : NameOf(account.account(), account.label());
  return "           " + Paint(colour, Colour::kDim, place) + Printable(name + ": " + account.reason()) + "\n";
}

}  // namespace

std::string TracePage(const accounts::v1::RequestTrace& trace, WallTime now, bool colour) {
  std::string asked;
  AddFact(asked, "", trace.model());
  AddFact(asked, "by", trace.dialect());
  AddFact(asked, "key", trace.client_key());
  AddFact(asked, "through", trace.frontend());
  std::string page = Paint(colour, Colour::kStrong, Printable(trace.request_id())) + "  " +
                     Rfc3339(ToWallTime(trace.asked_at())) + "  " + Printable(asked) + "\n";
  if (!trace.affinity_key().empty()) page += "conversation " + Printable(trace.affinity_key()) + "\n";
  for (int i = 0; i < trace.steps_size(); ++i) {
    const auto& step = trace.steps(i);
    if (i + 1 == trace.steps_size() && trace.steps_left_out() > 0) {
      page += "           … " + std::to_string(trace.steps_left_out()) + " steps are not kept\n";
    }
    std::string after = "+" + TextOf(step.after());
    after.resize(std::max<std::size_t>(after.size(), 9), ' ');
    std::string text;
    const google::protobuf::RepeatedPtrField<TracedAccount>* accounts = nullptr;
    int left_out = 0;
    switch (step.what_case()) {
      case accounts::v1::TraceStep::kChoice:
        text = ChoiceText(step.choice());
        accounts = &step.choice().accounts();
        left_out = accounts->empty() ? 0 : step.choice().accounts_total() - accounts->size();
        break;
      case accounts::v1::TraceStep::kEnd: text = EndText(step.end()); break;
      case accounts::v1::TraceStep::kVerdict: text = VerdictText(step.verdict()); break;
      case accounts::v1::TraceStep::kDenial:
        text = DenialText(step.denial(), now);
        accounts = &step.denial().explained();
        break;
      case accounts::v1::TraceStep::WHAT_NOT_SET: text = "something that this command is too old to show"; break;
    }
    page += Paint(colour, Colour::kDim, after) + "  " + Printable(text) + "\n";
    if (accounts == nullptr) continue;
    for (const TracedAccount& account : *accounts) page += AccountLine(account, colour);
    if (left_out > 0) page += "           " + std::to_string(left_out) + " more accounts\n";
  }
  return page;
}

}  // namespace patchbay::cli
