#include "cli/input.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/exit.h"

namespace patchbay::cli {
namespace {

Secret Trimmed(std::string text) {
  const auto* const kSpace = " \t\r\n";
  text.erase(text.find_last_not_of(kSpace) + 1);
  text.erase(0, text.find_first_not_of(kSpace));
  return Secret(std::move(text));
}

}  // namespace

Result<std::string> ReadAll(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) return Error(ErrorCode::kNotFound, "cannot open " + file + ": " + std::strerror(errno));
  }
  std::istream& stream = file == "-" ? std::cin : opened;
  std::string text;
  char buffer[65536];
  while (stream.read(buffer, sizeof(buffer)), stream.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMaxDocumentBytes) return Error(ErrorCode::kTooLarge, file + " is larger than 16 MiB");
  }
  if (stream.bad() || text.empty())
    return Error(ErrorCode::kInvalidArgument, (file == "-" ? "standard input" : file) + " is empty");
  return text;
}

Result<Secret> ReadSecret(const SecretSource& source, const char* variable) {
  if (!source.value.empty() && !source.file.empty()) return UsageError("a token was given twice, by value and by file");
  if (!source.file.empty()) {
    ASSIGN_OR_RETURN(auto text, ReadAll(source.file));
    return Trimmed(text.substr(0, text.find('\n')));
  }
  if (source.value == "-") {
    std::string line;
    if (!std::getline(std::cin, line)) return UsageError("standard input ended where a token was expected");
    return Trimmed(std::move(line));
  }
  if (!source.value.empty()) return Secret(source.value);
  const char* value = std::getenv(variable);
  return value == nullptr ? Secret() : Secret(value);
}

}  // namespace patchbay::cli
