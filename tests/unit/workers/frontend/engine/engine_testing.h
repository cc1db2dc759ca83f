// An engine between fakes, on time that only tests move.
#pragma once

#include <gtest/gtest.h>

#include "lib/testing/fake_time.h"
#include "tests/unit/workers/frontend/engine/fakes.h"

namespace patchbay::frontend {

inline constexpr const char* kHead = "head { status: 200 }";
inline constexpr const char* kStarted = R"(events { events { started { response_id: "r" } } })";
inline constexpr const char* kText = R"(events { events { text_delta { text: "Hello" } } })";
inline constexpr const char* kFinish =
    R"(events { events { usage_reported { usage { input_tokens: 3 output_tokens: 1 } } } events { finished { reason: FINISH_REASON_STOP } } })";
inline constexpr const char* kEnd = R"(end { usage { input_tokens: 3 output_tokens: 1 } served_model: "m-1" })";
inline constexpr const char* kBusy =
    R"(end { failure { stage: FAILURE_STAGE_STATUS http_status: 429 cause: CAUSE_RATE_LIMITED code: "rate_limit_exceeded" } })";
inline constexpr const char* kCut = "end { failure { stage: FAILURE_STAGE_STREAM } }";

class EngineTest : public ::testing::Test {
 protected:
  static CallSpec Spec() {
    CallSpec spec;
    spec.queue_wait = std::chrono::minutes(1);
    spec.total_timeout = std::chrono::minutes(30);
    spec.quiet_commit = std::chrono::seconds(15);
    spec.request_id = "req";
    spec.client_key_id = "key";
    spec.call.model = "client-model";
    spec.dialect = "test";
    spec.affinity.key = "affinity";
    inference::v1::GenerateRequest request;
    request.add_items()->mutable_message()->add_parts()->set_text("Hi");
    spec.call.payload = std::move(request);
    return spec;
  }

  // When nothing but time can go on any more, so much of it passes.
  CallOutcome Run(CallSpec spec, std::chrono::milliseconds passing = std::chrono::milliseconds(0)) {
    bool over = false;
    CallOutcome outcome;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { outcome = co_await engine_.Run(std::move(spec), sink_, cancellation_); },
        [&](std::exception_ptr error) {
          ASSERT_FALSE(error);
          over = true;
        });
    io_.poll();  // not run: that waits for every coroutine, and one of them waits for time
    if (!over) {
      time_.Advance(passing);
      io_.restart();
      io_.poll();
    }
    EXPECT_TRUE(over);
    return outcome;
  }
  CallOutcome Run() { return Run(Spec()); }

  asio::io_context io_;
  testing::FakeTime time_;
  FakeLeaser leaser_;
  FakeUpstream upstream_{io_};
  RecordingSink sink_;
  std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();
  Engine engine_{time_, leaser_, upstream_};
};

}  // namespace patchbay::frontend
