#include "workers/ollama/dialect/images.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::ollama {
namespace {

google::protobuf::RepeatedPtrField<inference::v1::Part> image_parts;

Result<void> Read(std::string_view json, std::size_t counted = 0) {
  image_parts.Clear();
  const auto images = wire::ParseJson(json);
  EXPECT_TRUE(images.ok());
  return ReadImages(images->as_array(), "images", counted, image_parts);
}

TEST(ReadImages, KnowsKindsByTheirFirstBytes) {
  ASSERT_TRUE(Read(R"(["iVBORw0KGgo=","/9j/4AAQ","UklGRgAA","R0lGODlh","data:image/x;base64,R0lGODlh"])").ok());
  ASSERT_EQ(image_parts.size(), 5);
  EXPECT_EQ(image_parts.Get(0).image().url(), "data:image/png;base64,iVBORw0KGgo=");
  EXPECT_TRUE(image_parts.Get(1).image().url().starts_with("data:image/jpeg;"));
  EXPECT_TRUE(image_parts.Get(2).image().url().starts_with("data:image/webp;"));
  EXPECT_EQ(image_parts.Get(4).image().url(), "data:image/gif;base64,R0lGODlh");
}

TEST(ReadImages, RefusesWhatIsNoPicture) {
  EXPECT_EQ(Read(R"(["no base64!"])").error().message, "images[0]: illegal base64 data");
  EXPECT_EQ(Read(R"([""])").error().message, "images[0]: illegal base64 data");
  EXPECT_EQ(Read(R"(["AAAA"])").error().message, "images[0]: unknown kind of image: expected PNG, JPEG, WEBP or GIF");
  EXPECT_EQ(Read("[5]").error().message, "images[0]: expected a string");
}

TEST(ReadImages, BoundsSizeAndNumber) {
  EXPECT_EQ(Read("[\"" + std::string(kImageBytesMax + 4, 'A') + "\"]").error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(Read(R"(["iVBORw0KGgo="])", kImagesMax).ok());
}

}  // namespace
}  // namespace patchbay::ollama
