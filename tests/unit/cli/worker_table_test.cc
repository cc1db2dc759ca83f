#include "cli/worker_table.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

using ::testing::HasSubstr;

std::string Rendered(const std::vector<std::string>& workers, bool colour = false) {
  google::protobuf::RepeatedPtrField<admin::v1::Worker> list;
  for (const std::string& text : workers) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, list.Add())) << text;
  }
  return WorkerTable(list, WallTime(std::chrono::seconds(1000))).Render(colour);
}

TEST(WorkerTable, ShowsTheLivingWithTheirNumbersAndTheOthersWithTheirReasons) {
  EXPECT_EQ(
      Rendered({R"pb(name: "accounts"
                     state: WORKER_STATE_READY
                     pid: 42
                     generation: 3
                     uptime { seconds: 3700 }
                     restarts: 2
                     rss_bytes: 24536678
                     cpu_seconds: 1.5
                     in_flight: 7
                     served_total: 1234567
                     last_exit: "exit 0 (drained)")pb",
                R"pb(name: "ollama"
                     state: WORKER_STATE_BACKING_OFF
                     generation: 9
                     last_exit: "exit 70 (our bug)"
                     next_start_at { seconds: 1010 })pb",
                R"pb(name: "extra"
                     state: WORKER_STATE_BACKING_OFF
                     next_start_at { seconds: 1010 })pb",
                R"pb(name: "down" state: WORKER_STATE_DOWN)pb"}),
      "WORKER    STATE        PID  GEN  UPTIME  RESTARTS       RSS  CPU  IN FLIGHT     SERVED  LAST EXIT\n"
      "accounts  ready         42    3   1h 1m         2  23.4 MiB   1s          7  1,234,567  exit 0 (drained)\n"
      "ollama    backing off    -    9       -         0         -    -          0          0  exit 70 (our bug); "
      "starts in 10s\n"
      "extra     backing off    -    0       -         0         -    -          0          0  starts in 10s\n"
      "down      down           -    0       -         0         -    -          0          0\n");
}

TEST(WorkerTable, PaintsWhatWantsAttention) {
  EXPECT_THAT(Rendered({"state: WORKER_STATE_FAILED"}, true), HasSubstr("\x1b[31mfailed\x1b[0m"));
  EXPECT_THAT(Rendered({"state: WORKER_STATE_DRAINING"}, true), HasSubstr("\x1b[33mdraining\x1b[0m"));
  EXPECT_THAT(Rendered({"state: WORKER_STATE_READY restarts: 3"}, true), HasSubstr("\x1b[33m3\x1b[0m"));
}

}  // namespace
}  // namespace patchbay::cli
