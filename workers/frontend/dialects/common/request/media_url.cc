#include "workers/frontend/dialects/common/request/media_url.h"

#include "lib/base/encoding.h"

namespace patchbay::frontend {

Result<std::string_view> ReadMediaUrl(const JsonNode& node) {
  ASSIGN_OR_RETURN(const std::string_view url, node.String());
  if (url.starts_with("https:")) return url;
  if (!url.starts_with("data:")) return node.Wrong("expected a data: or https: URL");
  constexpr std::string_view kMark = ";base64,";
  const std::size_t mark = url.find(kMark);
  if (mark == std::string_view::npos) return node.Wrong("expected a data: URL in base64");
  if (!IsBase64(url.substr(mark + kMark.size()))) return node.Wrong("the data: URL is not valid base64");
  return url;
}

}  // namespace patchbay::frontend
