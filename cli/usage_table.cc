#include "cli/usage_table.h"

#include <array>
#include <cstdio>
#include <vector>

#include "cli/human.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using accounts::v1::UsageRow;
using accounts::v1::UsageSum;

constexpr std::int64_t kNanosPerDollar = 1'000'000'000;
constexpr std::string_view kUnknown = "?";

Colour ColourOf(accounts::v1::Outcome outcome) {
  if (outcome == accounts::v1::OUTCOME_SUCCEEDED) return Colour::kGood;
  return outcome == accounts::v1::OUTCOME_FAILED ? Colour::kBad : Colour::kWarn;
}

// "priority", or "priority, served standard" where the provider did otherwise than it was asked.
std::string TierOf(const UsageRow& row) {
  const std::string& asked = row.service_tier();
  const std::string& served = row.served_tier();
  if (served.empty() || served == asked || (asked.empty() && served == "standard")) return asked;
  return asked.empty() ? "served " + served : asked + ", served " + served;
}

// "openai:gpt-5.5 priority": who was asked, for which of its models, in which tier.
std::string AtProvider(const UsageRow& row) {
  std::string text = row.provider();
  if (!row.wire_model().empty()) text += (text.empty() ? "" : ":") + row.wire_model();
  if (const std::string tier = TierOf(row); !tier.empty()) text += " " + tier;
  return text;
}

// A subscription's in brackets: nobody is billed for it.
std::string CostOf(const UsageRow& row) {
  if (!row.has_cost_nano_dollars()) return std::string(kUnknown);
  const std::string dollars = HumanDollars(row.cost_nano_dollars());
  return row.subscription() ? "(" + dollars + ")" : dollars;
}

// "alice (key_1)": what people call it, while it is known.
std::string Labelled(const std::string& label, const std::string& of) {
  return label.empty() ? of : label + " (" + of + ")";
}

std::string Mean(bool known, const google::protobuf::Duration& duration) {
  return known ? HumanDuration(ToMilliseconds(duration)) : "-";
}

// A sum of costs is short by those that nobody knows.
std::string SumOfCosts(std::int64_t nano_dollars, const UsageSum& sum) {
  return HumanDollars(nano_dollars) + (sum.unpriced() > 0 ? "+" + std::string(kUnknown) : "");
}

std::vector<Cell> SumCells(std::string name, const UsageSum& sum) {
  return {std::move(name),
          HumanCount(sum.requests()),
          HumanCount(sum.failed()),
          HumanCount(sum.abandoned()),
          HumanCount(sum.lost()),
          HumanCount(sum.usage().input_tokens()),
          HumanCount(sum.usage().cached_input_tokens()),
          (sum.estimated() > 0 ? "~" : "") + HumanCount(sum.usage().output_tokens()),
          SumOfCosts(sum.cost_nano_dollars(), sum),
          HumanDollars(sum.subscription_nano_dollars()),
          HumanCount(sum.unpriced()),
          Mean(sum.has_first_output(), sum.first_output()),
          Mean(sum.has_total(), sum.total())};
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

std::string CsvField(std::string_view text) {
  std::string field(text);
  if (!field.empty() && std::string_view("=+-@\t\r").find(field[0]) != std::string_view::npos) field.insert(0, 1, '\'');
  if (field.find_first_of("\",\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) line += (&field == &fields.front() ? "" : ",") + field;
  return line + "\r\n";
}

std::string Number(std::int64_t number) { return std::to_string(number); }

std::string Milliseconds(bool known, const google::protobuf::Duration& duration) {
  return known ? Number(ToMilliseconds(duration).count()) : "";
}

}  // namespace

std::string HumanDollars(std::int64_t nano_dollars) {
  const double dollars = static_cast<double>(nano_dollars) / static_cast<double>(kNanosPerDollar);
  const int digits = nano_dollars == 0 || dollars >= 1 ? 2 : dollars >= 0.01 ? 4 : 6;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "$%.*f", digits, dollars);
  return text.data();
}

std::string ExactDollars(std::int64_t nano_dollars) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lld.%09lld", static_cast<long long>(nano_dollars / kNanosPerDollar),
                static_cast<long long>(nano_dollars % kNanosPerDollar));
  return text.data();
}

Table UsageRowTable(const accounts::v1::ListUsageReply& reply, WallTime now) {
  Table table({"WHEN", "REQUEST", "KEY", "MODEL", "AT PROVIDER", "ACCOUNT", "OUTCOME", ">INPUT", ">CACHED", ">OUTPUT",
               ">COST", ">FIRST", ">TOTAL", ">TRIES", "FAILURE"});
  for (const auto& row : reply.rows()) {
    table.Add({HumanTime(row.started_at(), now),
               row.request_id(),
               Labelled(row.client_key_label(), row.client_key_id()),
               row.model(),
               AtProvider(row),
               row.account(),
               {HumanEnum(accounts::v1::Outcome_Name(row.outcome()), "OUTCOME_"), ColourOf(row.outcome())},
               HumanCount(row.usage().input_tokens()),
               HumanCount(row.usage().cached_input_tokens()),
               (row.usage_estimated() ? "~" : "") + HumanCount(row.usage().output_tokens()),
               CostOf(row),
               Mean(row.has_first_output(), row.first_output()),
               HumanDuration(ToMilliseconds(row.total())),
               std::to_string(row.attempts()),
               row.failure()});
  }
  return table;
}

Table UsageSumTable(std::string_view by, const accounts::v1::GetUsageReply& reply) {
  Table table({UpperCase(by), ">REQUESTS", ">FAILED", ">LEFT", ">LOST", ">INPUT", ">CACHED", ">OUTPUT", ">COST",
               ">SUBSCRIPTION", ">UNPRICED", ">FIRST", ">TOTAL"});
  for (const auto& group : reply.groups()) {
    const std::string of = group.of().empty() ? "-" : group.of();
    table.Add(SumCells(Labelled(group.label(), of), group.sum()));
  }
  std::vector<Cell> all = SumCells("all", reply.sum());
  for (Cell& cell : all) cell.colour = Colour::kStrong;
  table.Add(std::move(all));
  return table;
}

std::string UsageRowCsv(const accounts::v1::ListUsageReply& reply) {
  std::string csv =
      "started_at,request_id,client_key_id,client_key_label,model,provider,wire_model,served_model,asked_tier,"
      "served_tier,account,outcome,"
      "input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,reasoning_tokens,estimated,cost_usd,"
      "subscription,first_output_ms,total_ms,attempts,failure\r\n";
  for (const auto& row : reply.rows()) {
    const auto& usage = row.usage();
    csv += CsvLine({Rfc3339(ToWallTime(row.started_at())),
                    CsvField(row.request_id()),
                    CsvField(row.client_key_id()),
                    CsvField(row.client_key_label()),
                    CsvField(row.model()),
                    CsvField(row.provider()),
                    CsvField(row.wire_model()),
                    CsvField(row.served_model()),
                    CsvField(row.service_tier()),
                    CsvField(row.served_tier()),
                    CsvField(row.account()),
                    HumanEnum(accounts::v1::Outcome_Name(row.outcome()), "OUTCOME_"),
                    Number(usage.input_tokens()),
                    Number(usage.cached_input_tokens()),
                    Number(usage.cache_write_tokens()),
                    Number(usage.output_tokens()),
                    Number(usage.reasoning_tokens()),
                    row.usage_estimated() ? "true" : "false",
                    row.has_cost_nano_dollars() ? ExactDollars(row.cost_nano_dollars()) : "",
                    row.subscription() ? "true" : "false",
                    Milliseconds(row.has_first_output(), row.first_output()),
                    Milliseconds(true, row.total()),
                    Number(row.attempts()),
                    CsvField(row.failure())});
  }
  return csv;
}

std::string UsageSumCsv(std::string_view by, const accounts::v1::GetUsageReply& reply) {
  std::string csv = std::string(by) +
                    ",label,requests,failed,abandoned,lost,estimated,unpriced,input_tokens,cached_input_tokens,"
                    "cache_write_tokens,output_tokens,reasoning_tokens,cost_usd,subscription_usd,mean_first_output_ms,"
                    "mean_total_ms\r\n";
  for (const auto& group : reply.groups()) {
    const UsageSum& sum = group.sum();
    const auto& usage = sum.usage();
    csv +=
        CsvLine({CsvField(group.of()), CsvField(group.label()), Number(sum.requests()), Number(sum.failed()),
                 Number(sum.abandoned()), Number(sum.lost()), Number(sum.estimated()), Number(sum.unpriced()),
                 Number(usage.input_tokens()), Number(usage.cached_input_tokens()), Number(usage.cache_write_tokens()),
                 Number(usage.output_tokens()), Number(usage.reasoning_tokens()), ExactDollars(sum.cost_nano_dollars()),
                 ExactDollars(sum.subscription_nano_dollars()),
                 Milliseconds(sum.has_first_output(), sum.first_output()), Milliseconds(sum.has_total(), sum.total())});
  }
  return csv;
}

}  // namespace patchbay::cli
