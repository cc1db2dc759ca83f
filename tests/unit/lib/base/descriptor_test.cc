#include "lib/base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace patchbay {
namespace {

int OpenNull() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(Descriptor, ClosesItselfWhenItGoesAway) {
  const int fd = OpenNull();
  {
    const Descriptor owner(fd);
    EXPECT_TRUE(owner.valid());
    EXPECT_EQ(owner.get(), fd);
    EXPECT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(Descriptor, ClosesWhatItHeldWhenItIsGivenAnother) {
  const int first = OpenNull(), second = OpenNull();
  Descriptor owner(first);
  owner = Descriptor(second);
  EXPECT_FALSE(IsOpen(first));
  EXPECT_TRUE(IsOpen(second));
}

TEST(Descriptor, HandsOver) {
  Descriptor first(OpenNull());
  Descriptor second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): what a moved one is, is the test
  const int fd = second.Release();
  EXPECT_FALSE(second.valid());
  EXPECT_TRUE(IsOpen(fd));
  Descriptor(fd).Close();
  EXPECT_FALSE(IsOpen(fd));
}

TEST(Descriptor, IsInvalidWithoutOne) {
  EXPECT_FALSE(Descriptor().valid());
  EXPECT_FALSE(Descriptor(-1).valid());
}

}  // namespace
}  // namespace patchbay
