// Checks of one text that several sections need. Each returns what is wrong, or an empty text.
#pragma once

#include <string>

namespace patchbay::config {

// An http or https URL without user info, query and fragment.
std::string UrlProblem(const std::string& text);
// Such a URL, which may have a query; or what names a variable or file that holds one. Never shows it. Plain http is
// for who may go to private addresses.
std::string WebhookProblem(const std::string& text, bool allow_private);
// The same without a path; "http://localhost:*" is one of every port.
std::string OriginProblem(const std::string& text);
// The same where programs with schemes of their own call, too, like "app://obsidian.md" or "tauri://*".
std::string AnyOriginProblem(const std::string& text);
// A status of errors, "429", or a range of them, "500-599"; empty is none and fine.
std::string StatusRangeProblem(const std::string& text);
// A file that is there. Whoever checks a configuration may not be allowed to see every file that the gateway may.
std::string FileProblem(const std::string& file);

}  // namespace patchbay::config
