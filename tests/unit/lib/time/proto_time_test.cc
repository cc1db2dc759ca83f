#include "lib/time/proto_time.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace patchbay {
namespace {

using namespace std::chrono_literals;
using google::protobuf::Duration;
using google::protobuf::Timestamp;

template <class Message>
Message Of(std::int64_t seconds, std::int32_t nanos) {
  Message message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}

TEST(ProtoDuration, ComesBackAsItWent) {
  for (const auto span : {0ms, 1ms, 999ms, 1500ms, -1500ms}) {
    Duration message;
    SetDuration(span, &message);
    EXPECT_EQ(ToMilliseconds(message), span);
  }
}

TEST(ProtoDuration, KeepsNanosecondsAndOneSign) {
  Duration message;
  SetDuration(-(2s + 5ns), &message);
  EXPECT_EQ(message.seconds(), -2);
  EXPECT_EQ(message.nanos(), -5);
}

TEST(ProtoDuration, LosesWhatIsFinerThanAMillisecond) { EXPECT_EQ(ToMilliseconds(Of<Duration>(1, 1'999'999)), 1001ms); }

TEST(ProtoTime, StaysInTheCalendarWhateverAPeerSays) {
  constexpr auto kFar = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(ToMilliseconds(Of<Duration>(kFar, 0)), std::chrono::seconds(kMaxProtoSeconds));
  EXPECT_EQ(ToMilliseconds(Of<Duration>(-kFar, 0)), -std::chrono::seconds(kMaxProtoSeconds));
  EXPECT_EQ(ToWallTime(Of<Timestamp>(kFar, 0)), WallTime(std::chrono::seconds(kMaxProtoSeconds)));
}

TEST(ProtoTimestamp, ComesBackAsItWentAlsoBefore1970) {
  for (const WallTime time : {WallTime(0ms), WallTime(1'787'400'000'123ms), WallTime(-1ms)}) {
    Timestamp message;
    SetTimestamp(time, &message);
    EXPECT_GE(message.nanos(), 0);
    EXPECT_EQ(ToWallTime(message), time);
  }
}

TEST(ProtoSeconds, TakeAProvidersFraction) {
  Duration wait;
  SetSeconds(11.5, &wait);
  EXPECT_EQ(ToMilliseconds(wait), 11'500ms);
  Timestamp reset;
  SetSeconds(SecondsOf(WallTime(1'787'400'000s)) + 60, &reset);
  EXPECT_EQ(ToWallTime(reset), WallTime(1'787'400'060s));
}

TEST(ProtoSeconds, AreZeroForWhatIsNoTime) {
  for (const double bad : {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    Duration wait;
    SetSeconds(bad, &wait);
    EXPECT_EQ(ToMilliseconds(wait), 0ms) << bad;
  }
}

}  // namespace
}  // namespace patchbay
