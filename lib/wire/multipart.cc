#include "lib/wire/multipart.h"

#include <algorithm>

#include "lib/base/text.h"

namespace patchbay::wire {
namespace {

constexpr std::size_t kMaxBoundaryBytes = 70;  // RFC 2046 §5.1.1

std::string_view Trimmed(std::string_view text) { return Trim(text, kBlanks); }

// The value of `key` in "type; key=value; key="quoted value"". Quoted values end at their quote: no name of a field or
// file that matters here holds one.
std::optional<std::string_view> Parameter(std::string_view value, std::string_view key) {
  std::size_t at = value.find(';');
  while (at != std::string_view::npos) {
    const std::string_view rest = Trimmed(value.substr(at + 1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    std::string_view found = rest.substr(equals + 1);
    std::size_t end;
    if (!found.empty() && found.front() == '"') {
      found.remove_prefix(1);
      end = found.find('"');
      if (end == std::string_view::npos) return std::nullopt;
      found = found.substr(0, end);
    } else {
      found = Trimmed(found.substr(0, found.find(';')));
    }
    const std::string_view name = Trimmed(rest.substr(0, equals));
    if (EqualsIgnoreCase(name, key)) return found;
    at = value.find(';', static_cast<std::size_t>(found.data() + found.size() - value.data()));
  }
  return std::nullopt;
}

Error Malformed(std::string message) {
  return Error(ErrorCode::kInvalidArgument, "the form is not well formed: " + std::move(message));
}

Result<FormPart> ParsePart(std::string_view text) {
  const std::size_t head_end = text.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return Malformed("a part has no end of its head");
  if (head_end > kMaxFormHeadBytes) return Error(ErrorCode::kTooLarge, "the head of a part of the form is too large");
  FormPart part;
  part.body = text.substr(head_end + 4);
  std::string_view head = text.substr(0, head_end);
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    constexpr std::string_view kDisposition = "content-disposition:", kType = "content-type:";
    if (StartsWithIgnoreCase(line, kDisposition)) {
      part.name = Parameter(line, "name").value_or("");
      part.filename = Parameter(line, "filename").value_or("");
    } else if (StartsWithIgnoreCase(line, kType)) {
      part.content_type = Trimmed(line.substr(kType.size()));
    }
  }
  if (part.name.empty()) return Malformed("a part has no name");
  return part;
}

}  // namespace

std::optional<std::string> FormBoundary(std::string_view content_type) {
  if (!StartsWithIgnoreCase(Trimmed(content_type), "multipart/form-data")) return std::nullopt;
  const auto boundary = Parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundaryBytes) return std::nullopt;
  return std::string(*boundary);
}

Result<std::vector<FormPart>> ParseForm(std::string_view body, std::string_view boundary) {
  // The first delimiter may stand at the very beginning, all others follow a line end that is theirs.
  const std::string first = "--" + std::string(boundary), delimiter = "\r\n" + first;
  std::size_t at = body.substr(0, first.size()) == first ? first.size() : std::string_view::npos;
  if (at == std::string_view::npos) {
    at = body.find(delimiter);
    if (at == std::string_view::npos) return Malformed("its boundary does not occur");
    at += delimiter.size();
  }
  std::vector<FormPart> parts;
  while (true) {
    if (body.substr(at, 2) == "--") return parts;
    const std::size_t line_end = body.find("\r\n", at);
    if (line_end == std::string_view::npos) return Malformed("it ends inside a boundary");
    const std::size_t end = body.find(delimiter, line_end);
    if (end == std::string_view::npos) return Malformed("it has no last boundary");
    if (parts.size() == kMaxFormParts) return Error(ErrorCode::kTooLarge, "the form has too many parts");
    ASSIGN_OR_RETURN(const FormPart part, ParsePart(body.substr(line_end + 2, end - line_end - 2)));
    parts.push_back(part);
    at = end + delimiter.size();
  }
}

}  // namespace patchbay::wire
