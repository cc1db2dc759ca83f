// Tool names that the provider would refuse, made acceptable and back.
//
// Anthropic's clients may use 128 characters (an MCP server's prefix alone can have 50), Google's also '.' and ':';
// providers take 64 of [A-Za-z0-9_-]. A name that does not fit is cut and gets a hash of itself, so that it is the same
// in every turn and two long names stay two.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace patchbay::frontend {

class ToolNames {
 public:
  static constexpr std::size_t kMaxBytes = 64;

  // The name for the provider; remembers it when it differs.
  std::string Shorten(std::string_view name);
  // The client's name for a provider's.
  std::string_view Restore(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> client_names_;
};

}  // namespace patchbay::frontend
