#include "lib/config/unknown_key.h"

#include <gtest/gtest.h>

#include "patchbay/config/v1/config.pb.h"

namespace patchbay::config {
namespace {

std::string Said(const std::string& key, const google::protobuf::Descriptor& section) {
  return UnknownKey(key, section, " in section 'x'");
}

TEST(UnknownKey, NamesTheNearestKeyOfItsSection) {
  EXPECT_EQ(Said("lisen", *v1::Ollama::descriptor()), "unknown key 'lisen' in section 'x'; did you mean 'listen'?");
}

TEST(UnknownKey, NamesAKeyOfJustThisNameASectionBelow) {
  EXPECT_EQ(Said("certificate", *v1::Listener::descriptor()),
            "unknown key 'certificate' in section 'x'; did you mean 'tls.certificate'?");
}

TEST(UnknownKey, GuessesNothingWhereNothingIsNear) {
  EXPECT_EQ(Said("zzzzzzzz", *v1::Ollama::descriptor()), "unknown key 'zzzzzzzz' in section 'x'");
}

}  // namespace
}  // namespace patchbay::config
