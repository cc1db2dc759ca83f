#include "cli/redact.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <regex>

#include "lib/wire/json_members.h"
#include "lib/wire/multipart.h"

namespace patchbay::cli {
namespace {

using Tree = nlohmann::ordered_json;
using google::protobuf::FieldDescriptor;

constexpr const char* kGone = "redacted";

template <std::size_t n>
bool OneOf(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Who the user is, and what only the provider can read.
constexpr std::array<std::string_view, 21> kIdentities = {"user",
                                                          "user_id",
                                                          "safety_identifier",
                                                          "prompt_cache_key",
                                                          "session_id",
                                                          "thread_id",
                                                          "account_uuid",
                                                          "device_id",
                                                          "account_id",
                                                          "authorization",
                                                          "api_key",
                                                          "encrypted_content",
                                                          "signature",
                                                          "thoughtSignature",
                                                          "thought_signature",
                                                          "cachedContent",
                                                          "email",
                                                          "organization",
                                                          "file_id",
                                                          "conversation",
                                                          "previous_interaction_id"};

// Objects whose every text belongs to the client's bookkeeping.
constexpr std::array<std::string_view, 3> kBookkeeping = {"metadata", "client_metadata",
                                                          "internal_chat_message_metadata_passthrough"};

// Words of the protocols, not of people.
// clang-format off
constexpr std::array<std::string_view, 84> kProtocol = {
    "type", "role", "id", "object", "model", "status", "name", "call_id", "item_id", "response_id", "tool_use_id",
    "tool_call_id", "finish_reason", "finishReason", "stop_reason", "effort", "mode", "format", "detail",
    "media_type", "mimeType", "mime_type", "service_tier", "tool_choice", "truncation", "include", "phase", "code",
    "kind", "namespace", "$ref", "$schema", "required", "enum", "verbosity", "summary_mode", "responseMimeType",
    "modelVersion", "syntax", "thinking_type", "size", "quality", "background", "output_format", "event",
    "previous_response_id", "tool", "stage", "dialect", "reasoning_effort", "display", "speed", "modalities",
    "responseModalities", "response_modalities", "thinkingLevel", "thinking_level", "allowedFunctionNames",
    "allowed_function_names", "serviceTier", "response_mime_type", "response_format", "function_call", "moderation",
    "input_fidelity", "style", "search_context_size", "tool_name", "language", "outcome", "propertyOrdering",
    "property_ordering", "level", "ttl", "behavior", "scheduling", "toolType", "category", "threshold", "execution",
    "encoding_format", "done_reason", "keep_alive", "think",
};
// clang-format on

// Of reasoning: how long a summary is wanted; anything else under this key is the summary.
constexpr std::array<std::string_view, 4> kSummaries = {"auto", "concise", "detailed", "none"};

// Numbers that are words: tokens of an input, and what a vector can be turned back into. Ollama's `context` holds the
// conversation itself.
constexpr std::array<std::string_view, 5> kNumbersOfWords = {"input", "embedding", "embeddings", "values", "context"};

constexpr std::array<std::string_view, 3> kArguments = {"arguments", "partial_json", "input_json"};

// Within which a data: URL says what it is.
constexpr std::size_t kMediaTypeBytes = 128;

// A one-pixel PNG: what was an image still is one.
constexpr std::string_view kPixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

// A vector in base64.
constexpr const char* kOneFloat = "AAAAAA==";

const std::regex& Secrets() {
  static const std::regex kSecrets(
      "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+"                                    // addresses
      "|\\b(sk|pk|pbk|ghp|gho|xox[a-z]|AKIA|AIza|rt|pat)[-_A-Za-z0-9]*[-_][-_A-Za-z0-9]{8,}"  // keys by their prefix
      "|\\b(AKIA|AIza)[-_A-Za-z0-9]{12,}"
      "|eyJ[-_A-Za-z0-9]+\\.[-_A-Za-z0-9]+\\.[-_A-Za-z0-9]*"  // JSON Web Tokens
      "|[Bb]earer +[-._~+/A-Za-z0-9]+=*"
      "|(/home/|/Users/|\\\\Users\\\\)[^/\\\\\\s\"']+"  // whose directory it is
      "|[A-Fa-f0-9]{32,}|[-_A-Za-z0-9+/]{64,}=*",       // whatever is long and random
      std::regex::optimize);
  return kSecrets;
}

// std::regex recurses: a long text is looked at in pieces, cut where no secret goes on.
std::string WithoutSecrets(std::string_view text) {
  constexpr std::size_t kPiece = 2000;
  std::string out;
  while (!text.empty()) {
    std::size_t end = std::min(kPiece, text.size());
    while (end < text.size() && end > kPiece / 2 && text[end - 1] != ' ' && text[end - 1] != '\n') --end;
    out += std::regex_replace(std::string(text.substr(0, end)), Secrets(), kGone);
    text.remove_prefix(end);
  }
  return out;
}

char Masked(char c) {
  if (c >= '0' && c <= '9') return '0';
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return 'x';
  return c;
}

std::string MaskedText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // the rest of a character whose first byte became an x
    out.push_back(byte >= 0xC0 ? 'x' : Masked(c));
  }
  return out;
}

// By the first bytes of PNG, JPEG, GIF and WebP in base64.
bool LooksLikeImage(std::string_view base64) {
  return base64.starts_with("iVBOR") || base64.starts_with("/9j/") || base64.starts_with("R0lG") ||
         base64.starts_with("UklG");
}

// Objects that a model or a tool filled in: their members' names are the tool's, not the protocol's.
bool IsToolsData(std::string_view parent, std::string_view name) {
  if (name == "input" || name == "args" || name == "arguments") return true;
  return name == "response" && (parent == "functionResponse" || parent == "function_response");
}

// A line of a stream of events that holds nobody's words: its other fields, and what stands between events.
bool IsFieldOfStream(std::string_view line) {
  for (const std::string_view field : {"event:", "id:", "retry:", ":"}) {
    if (line.starts_with(field)) return true;
  }
  return line.empty() || line == "\r";
}

// "data:image/png;base64,…" with other content of the same kind.
std::string MaskedUrl(const std::string& text) {
  const std::size_t comma = text.find(',');
  if (!text.starts_with("data:") || comma == std::string::npos) return "https://example.com/redacted";
  const bool image = text.starts_with("data:image/");
  return image ? "data:image/png;base64," + std::string(kPixel) : text.substr(0, comma + 1) + "AAAA";
}

}  // namespace

char JsonMasker::MaskInString(char c) {
  if (hex_digits_ > 0) {
    // Any character becomes an x: \u0078.
    constexpr std::string_view kX = "0078";
    return kX[static_cast<std::size_t>(4 - hex_digits_--)];
  }
  if (escaped_) {
    escaped_ = false;
    if (c == 'u') hex_digits_ = 4;
    return c;
  }
  if (c == '\\') {
    escaped_ = true;
    return c;
  }
  if (c == '"') {
    in_string_ = false;
    return c;
  }
  return is_key_ ? c : static_cast<unsigned char>(c) >= 0x80 ? 'x' : Masked(c);
}

std::string JsonMasker::Mask(std::string_view piece) {
  std::string out;
  for (const char c : piece) {
    if (in_string_) {
      const bool keep_digits = is_key_ && hex_digits_ > 0;
      const char masked = MaskInString(c);
      out.push_back(keep_digits ? c : masked);
      continue;
    }
    out.push_back(c);
    if (c == '"') {
      in_string_ = true;
      is_key_ = expects_key_;
      expects_key_ = false;
    } else if (c == '{' || c == '[') {
      nesting_.push_back(c);
      expects_key_ = c == '{';
    } else if ((c == '}' || c == ']') && !nesting_.empty()) {
      nesting_.pop_back();
      expects_key_ = false;
    } else if (c == ',') {
      expects_key_ = !nesting_.empty() && nesting_.back() == '{';
    }
  }
  return out;
}

std::string Redactor::Text(std::string_view text) const {
  std::string safe = WithoutSecrets(text);
  return keep_text_ ? safe : MaskedText(safe);
}

std::string Redactor::Arguments(const std::string& text, const std::string& stream) {
  std::string safe = WithoutSecrets(text);
  if (keep_text_) return safe;
  if (stream.empty()) return JsonMasker().Mask(safe);
  return streams_[stream].Mask(safe);
}

std::string Redactor::Value(const std::string& key, const std::string& text, const std::string& stream) {
  if (OneOf(key, kIdentities)) return kGone;
  if (OneOf(key, kArguments)) return Arguments(text, stream);
  if (key == "summary" && OneOf(text, kSummaries)) return text;
  if (OneOf(key, kProtocol)) return text.size() <= 128 ? WithoutSecrets(text) : kGone;
  if (key == "file_data" && !text.starts_with("data:")) return "AAAA";
  const bool embedded = text.starts_with("data:") && text.find(";base64,") < kMediaTypeBytes;
  if (embedded || key == "image_url" || key == "url" || key == "file_url" || key == "fileUri" || key == "file_uri")
    return MaskedUrl(text);
  if (key == "data" || key == "images") return LooksLikeImage(text) ? std::string(kPixel) : "AAAA";
  if (key == "result" || key == "b64_json" || key == "partial_image_b64") return std::string(kPixel);
  if (key == "embedding") return kOneFloat;
  return Text(text);
}

void Redactor::MaskAll(Tree& value) const {
  if (value.is_string()) value = Text(value.get<std::string>());
  if (!value.is_structured()) return;
  for (Tree& member : value) MaskAll(member);
}

void Redactor::Walk(Tree& value, const std::string& key, const std::string& stream) {
  if (value.is_string()) {
    value = Value(key, value.get<std::string>(), stream);
  } else if (value.is_array()) {
    for (Tree& item : value) {
      if (item.is_number() && OneOf(key, kNumbersOfWords)) {
        item = 0;
      } else {
        Walk(item, key, stream);
      }
    }
  } else if (value.is_object()) {
    // Pieces of the same arguments belong together by the item they are of.
    std::string here = stream;
    for (const char* name : {"item_id", "index", "output_index"}) {
      if (const auto found = value.find(name); found != value.end() && found->is_primitive())
        here += "/" + found->dump();
    }
    const bool arguments_delta = value.contains("delta") && value["delta"].is_string() && value.contains("type") &&
                                 value["type"].is_string() &&
                                 value["type"].get<std::string>().find("arguments") != std::string::npos;
    // The input of a request itself may be one item of the conversation.
    const bool request = key.empty() && value.contains("model");
    for (auto& [name, member] : value.items()) {
      if (OneOf(name, kBookkeeping) && member.is_object() && key != "properties") {
        for (auto& [inner, text] : member.items()) {
          if (text.is_string()) text = kGone;
        }
      } else if (member.is_object() && key != "properties" && IsToolsData(key, name) && !(request && name == "input")) {
        MaskAll(member);
      } else if (name == "delta" && arguments_delta) {
        member = Arguments(member.get<std::string>(), here);
      } else {
        // Whole arguments stand for themselves, whatever pieces came before.
        const bool piece = name == "delta" || key == "tool_calls" || key == "function";
        Walk(member, name, name == "arguments" && !piece ? std::string() : here);
      }
    }
  }
}

bool IsDocument(std::string_view bytes) {
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && (bytes[begin] == '{' || bytes[begin] == '[');
}

std::string Redactor::Json(std::string_view document) {
  nlohmann::ordered_json value = wire::ParseOrNothing<nlohmann::ordered_json>(document);
  if (value.is_discarded()) {
    // Of a document that was cut no member tells any more what a text or a number is.
    return IsDocument(document) ? MaskedText(WithoutSecrets(document)) : Text(document);
  }
  Walk(value, "", "");
  return wire::Written(value);
}

std::string Redactor::Body(std::string_view body) { return body.starts_with("--") ? Form(body) : Json(body); }

std::string Redactor::Form(std::string_view body) {
  const std::string_view line = body.substr(0, body.find("\r\n"));
  const auto parts = wire::ParseForm(body, line.substr(std::min<std::size_t>(2, line.size())));
  if (!parts.ok()) return Tree(kGone).dump();
  Tree members = Tree::object();
  for (const wire::FormPart& part : *parts) {
    std::string name(part.name);
    if (name.ends_with("[]")) name.resize(name.size() - 2);
    if (!part.filename.empty() || !part.content_type.empty()) {
      const Tree file = "data:image/png;base64," + std::string(kPixel);
      Tree& files = members[name];
      if (files.is_string()) files = Tree::array({files});
      files.is_array() ? files.push_back(file) : void(files = file);
      continue;
    }
    // A form has only texts; where JSON would have a number or a boolean, the text is one.
    const Tree value = Tree::parse(part.body, nullptr, /*allow_exceptions=*/false);
    members[name] = value.is_number() || value.is_boolean() ? value : Tree(std::string(part.body));
    Walk(members[name], name, "");
  }
  return members.dump(-1, ' ', false, Tree::error_handler_t::replace);
}

std::string Redactor::Events(std::string_view stream) {
  constexpr std::string_view kData = "data:";
  std::string out;
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find('\n'), stream.size());
    std::string_view line = stream.substr(0, end);
    stream.remove_prefix(std::min(end + 1, stream.size()));
    if (line.starts_with(kData)) {
      line.remove_prefix(kData.size());
      while (line.starts_with(' ')) line.remove_prefix(1);
      out.append("data: ").append(line == "[DONE]" ? std::string(line) : Json(line));
    } else {
      out.append(IsFieldOfStream(line) ? std::string(line) : Text(line));
    }
    out.push_back('\n');
  }
  return out;
}

std::string Redactor::Lines(std::string_view stream) {
  std::string out;
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find('\n'), stream.size());
    if (end > 0) out.append(Json(stream.substr(0, end))).push_back('\n');
    stream.remove_prefix(std::min(end + 1, stream.size()));
  }
  return out;
}

void Redactor::Message(google::protobuf::Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Message(field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                     : *reflection.MutableMessage(&message, field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string text = field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                                      : reflection.GetString(message, field);
        const bool json = field->type() == FieldDescriptor::TYPE_BYTES;
        const FieldDescriptor* index = message.GetDescriptor()->FindFieldByName("index");
        const bool piece = message.GetDescriptor()->name() == "ToolInputDelta";
        const bool arguments = piece || (message.GetDescriptor()->name() == "ToolCall" && field->name() == "input");
        std::string safe;
        if (json) {
          safe = Json(text);
        } else if (arguments) {
          const std::string stream = piece ? "call " + std::to_string(reflection.GetInt32(message, index)) : "";
          safe = Arguments(text, stream);
        } else {
          safe = Value(field->name(), text, "");
        }
        field->is_repeated() ? reflection.SetRepeatedString(&message, field, i, safe)
                             : reflection.SetString(&message, field, safe);
      }
    }
  }
}

}  // namespace patchbay::cli
