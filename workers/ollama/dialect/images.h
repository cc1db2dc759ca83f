// Pictures of a request: base64 without a media type, which their first bytes tell (client-protocols §F.3). Pure.
#pragma once

#include <boost/json/array.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::ollama {

// Of one request, in all its turns.
inline constexpr std::size_t kImagesMax = 64;
// Of one picture, as base64.
inline constexpr std::size_t kImageBytesMax = std::size_t{28} << 20;

// Each picture as a part with a `data:` URL. kInvalidArgument for what is no base64 and for what is no PNG, JPEG, WEBP
// or GIF; kTooLarge for one that is larger. `counted` goes up by each.
Result<void> ReadImages(const boost::json::array& images, std::string_view place, std::size_t& counted,
                        google::protobuf::RepeatedPtrField<inference::v1::Part>& parts);

}  // namespace patchbay::ollama
