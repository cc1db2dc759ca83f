#include "lib/wire/utf8.h"

#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

TEST(Utf8, AgreesWithItselfOnEveryThreeByteSequence) {
  for (unsigned value = 0; value < 0x1000000;
       value += 7) {  // 7 is coprime to 256: every byte value is met in every place
    const char bytes[3] = {static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
    std::string_view rest(bytes, 3);
    bool valid = true;
    while (valid && !rest.empty()) {
      const std::size_t length = Utf8SequenceLength(rest);
      valid = length > 0;
      rest.remove_prefix(length);
    }
    ASSERT_EQ(valid, IsValidUtf8({bytes, 3})) << std::hex << value;
  }
}

TEST(Utf8, EncodesEveryScalarValueAsOneSequence) {
  for (char32_t code = 0; code <= 0x10FFFF; code += 13) {
    std::string out;
    AppendUtf8(out, code);
    ASSERT_EQ(Utf8SequenceLength(out), out.size());
  }
  std::string out;
  AppendUtf8(out, 0xD800);
  AppendUtf8(out, 0x110000);
  EXPECT_EQ(out, "\uFFFD\uFFFD");
}

}  // namespace
}  // namespace patchbay::wire
