#include "lib/config/checks.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "lib/base/number.h"
#include "lib/config/keys.h"
#include "lib/wire/url.h"

namespace patchbay::config {

std::string UrlProblem(const std::string& text) {
  const auto url = wire::ParseHttpUrl(text);
  return url.ok() ? std::string() : url.error().message;
}

std::string WebhookProblem(const std::string& text, bool allow_private) {
  if (text.empty() || ReferenceProblem(text).empty()) return {};
  const auto url = wire::ParseHttpUrl(std::string_view(text).substr(0, text.find('?')));
  if (!url.ok()) return "is no http or https URL, no ${VARIABLE} and no absolute path of a file";
  return url->tls || allow_private ? std::string() : "plain http needs allow_private: true";
}

std::string OriginProblem(const std::string& text) {
  constexpr std::string_view kEveryPort = ":*";
  const std::size_t cut = text.ends_with(kEveryPort) ? kEveryPort.size() : 0;
  const auto url = wire::ParseHttpUrl(std::string_view(text).substr(0, text.size() - cut));
  if (!url.ok()) return url.error().message;
  return url->path.empty() ? std::string() : "'" + text + "' is not an origin, like https://example.com";
}

std::string AnyOriginProblem(const std::string& text) {
  const std::size_t cut = text.find("://");
  const std::string_view scheme = std::string_view(text).substr(0, cut);
  if (scheme == "http" || scheme == "https") return OriginProblem(text);
  const bool whole =
      cut != std::string::npos && cut > 0 && cut + 3 < text.size() &&
      text.find_first_of("/ ,", cut + 3) == std::string::npos &&
      std::all_of(scheme.begin(), scheme.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
  return whole ? std::string() : "'" + text + "' is not an origin, like https://example.com or app://example";
}

std::string StatusRangeProblem(const std::string& text) {
  const auto range = ParseRange<int>(text);
  const bool good = range && range->first >= 100 && range->second <= 599;
  return text.empty() || good ? std::string() : "'" + text + "' is no status like 429, nor a range like 500-599";
}

std::string FileProblem(const std::string& file) {
  if (file.empty()) return {};
  std::error_code error;
  const bool there = std::filesystem::is_regular_file(file, error);
  return there || error == std::errc::permission_denied ? std::string() : "there is no file '" + file + "'";
}

}  // namespace patchbay::config
