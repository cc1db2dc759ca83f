#include "workers/accounts/login/answer.h"

#include <algorithm>

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/wire/url.h"

namespace patchbay::accounts {
namespace {

constexpr std::size_t kMaxDescriptionBytes = 200;
constexpr std::size_t kMaxErrorBytes = 64;

Error NoAnswer(const char* why) {
  return Error(ErrorCode::kInvalidArgument, std::string("this is no answer of the login page: ") + why +
                                                "; paste the whole address that the browser ended at, or the code");
}

bool IsQuery(std::string_view text) {
  return text.starts_with("code=") || text.starts_with("error=") || text.find("&code=") != text.npos ||
         text.find("&error=") != text.npos;
}

int PortOf(std::string_view url) {
  const std::size_t host = url.find("://") + 3;
  const std::string_view authority = url.substr(host, url.find_first_of("/?#", host) - host);
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return 0;
  return ParseNumber<std::uint16_t>(authority.substr(colon + 1)).value_or(0);
}

}  // namespace

Result<LoginAnswer> ReadLoginAnswer(std::string_view text) {
  text = Trim(text);
  if (text.empty()) return NoAnswer("it is empty");
  if (text.size() > kMaxLoginAnswerBytes) return NoAnswer("it is too long");
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!std::all_of(text.begin(), text.end(), is_visible)) return NoAnswer("it holds blanks or special characters");

  LoginAnswer answer;
  const bool is_url = text.starts_with("http://") || text.starts_with("https://");
  std::string_view query = text.substr(0, text.find('#'));
  const std::size_t question = query.find('?');
  if (question != query.npos) query.remove_prefix(question + 1);
  if (!is_url && !IsQuery(query)) {
    const std::size_t hash = text.find('#');
    answer.code = Secret(std::string(text.substr(0, hash)));
    if (hash != text.npos) answer.state = Secret(std::string(text.substr(hash + 1)));
    if (answer.code.empty()) return NoAnswer("there is no code before the #");
    return answer;
  }
  if (is_url && question == query.npos) return NoAnswer("the address has no code");
  if (is_url) answer.port = PortOf(text);
  answer.needs_state = true;
  answer.code = Secret(wire::QueryValue(query, "code"));
  answer.state = Secret(wire::QueryValue(query, "state"));
  answer.error = Printable(wire::QueryValue(query, "error"), kMaxErrorBytes);
  answer.description = Printable(wire::QueryValue(query, "error_description"), kMaxDescriptionBytes);
  if (answer.code.empty() && answer.error.empty()) return NoAnswer("the address has no code");
  return answer;
}

}  // namespace patchbay::accounts
