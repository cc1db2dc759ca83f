// Settlements on their way to the disk: what a row costs with its sums, durably, as the recorder writes them.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "lib/seal/seal.h"
#include "workers/accounts/pricing/price_book.h"
#include "workers/accounts/store/sqlite_store.h"

namespace patchbay::accounts {
namespace {

struct Books {
  Books() : directory(MakeDirectory()) {
    auto opened = SqliteStore::Open(directory / "accounts.db",
                                    std::make_unique<seal::Sealer>(Secret(std::string(seal::kKeyBytes, 'k'))));
    PATCHBAY_CHECK(opened.ok());
    store = std::move(*opened);
  }
  ~Books() {
    store.reset();
    std::filesystem::remove_all(directory);
  }
  static std::filesystem::path MakeDirectory() {
    // On a disk, not in memory, where the temporary directory is on one: commits are what is measured.
    std::string pattern = (std::filesystem::temp_directory_path() / "pb-settle-XXXXXX").string();
    PATCHBAY_CHECK(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
  }
  // Of 20 keys, 100 accounts and 3 models.
  UsageRecord Next() {
    ++made;
    UsageRecord row;
    row.lease = LeaseId("lse_" + std::to_string(1'000'000'000 + made));
    row.request = RequestId("req_" + std::to_string(1'000'000'000 + made));
    row.client_key = ClientKeyId("key_" + std::to_string(made % 20));
    row.account = AccountId("acc_" + std::to_string(made % 100));
    row.model = "gpt-5.5-high";
    row.provider = "codex";
    row.wire_model = "gpt-5." + std::to_string(made % 3);
    row.served_model = row.wire_model;
    row.dialect = "openai_responses";
    row.outcome = 1;
    row.input_tokens = 1000;
    row.output_tokens = 200;
    row.cost_nano_dollars = 12'345;
    row.started_at = WallTime(std::chrono::seconds(1'790'000'000)) + std::chrono::milliseconds(made / 5);
    row.total = std::chrono::milliseconds(1200);
    return row;
  }

  std::filesystem::path directory;
  std::unique_ptr<SqliteStore> store;
  std::int64_t made = 0;
};

// As many rows in one commit as the argument says, the database growing: items a second are settlements a second.
void SettleDurably(benchmark::State& state) {
  Books books;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<UsageRecord> rows;
    for (std::int64_t i = 0; i < state.range(0); ++i) rows.push_back(books.Next());
    state.ResumeTiming();
    const auto written = books.store->InTransaction([&]() -> Result<void> {
      RETURN_IF_ERROR(books.store->AddUsage(rows));
      return {};
    });
    PATCHBAY_CHECK(written.ok());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(SettleDurably)->Arg(1)->Arg(256)->Arg(2500)->UseRealTime();

// The sums of 30 days, asked for while there are a million requests in them.
void SumsOfAMonth(benchmark::State& state) {
  Books books;
  for (int batch = 0; batch < 100; ++batch) {
    std::vector<UsageRecord> rows;
    for (int i = 0; i < 10'000; ++i) {
      rows.push_back(books.Next());
      rows.back().started_at =
          WallTime(std::chrono::seconds(1'790'000'000)) + std::chrono::milliseconds(books.made * 2592);
    }
    PATCHBAY_CHECK(books.store
                       ->InTransaction([&]() -> Result<void> {
                         RETURN_IF_ERROR(books.store->AddUsage(rows));
                         return {};
                       })
                       .ok());
  }
  UsageQuestion question;
  question.by = UsageBy::kKey;
  question.filter.since = WallTime(std::chrono::seconds(1'790'000'000));
  question.filter.until = *question.filter.since + std::chrono::days(31);
  question.limit = 1000;
  for (auto _ : state) benchmark::DoNotOptimize(books.store->SumUsage(question));
}
BENCHMARK(SumsOfAMonth)->Unit(benchmark::kMillisecond);

void PriceACall(benchmark::State& state) {
  config::v1::Config config;
  auto& row = (*config.mutable_providers())["openai"];
  row.set_base_url("https://api.example.com/v1");
  for (int i = 0; i < 60; ++i) {
    auto& prices = (*row.mutable_prices())["gpt-" + std::to_string(i)];
    prices.set_input("2.5");
    prices.set_cached_input("0.25");
    prices.set_output("15");
    auto& longer = (*prices.mutable_cases())["long"];
    longer.set_tier("standard");
    longer.set_input_above(272'000);
    longer.set_input("5");
    longer.set_output("22.5");
  }
  Providers providers;
  providers.Configure(config);
  PriceBook book(providers);
  book.Configure();
  const CallTokens call{
      "openai", "gpt-7-2026-03-05", "", {.input = 100'000, .cached_input = 90'000, .output = 700}, {}};
  for (auto _ : state) benchmark::DoNotOptimize(book.CostOf(call));
}
BENCHMARK(PriceACall);

}  // namespace
}  // namespace patchbay::accounts
