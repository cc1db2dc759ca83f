// What may be written down of a recorded call: its structure, not its words. Pure.
//
// Always gone: keys, tokens, addresses, who the user is, and what only the provider can read (encrypted reasoning,
// signatures), and what texts can be made of again: tokens and vectors, whose numbers become zeros. Texts keep their
// length and shape with every letter an x and every digit a 0, inside JSON arguments too, so that what was valid stays
// valid; `keep_text` leaves them readable.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace patchbay::cli {

// Masks the texts inside JSON that may come in pieces, and nothing but them: keys, numbers, escapes and brackets stay.
class JsonMasker {
 public:
  std::string Mask(std::string_view piece);

 private:
  char MaskInString(char c);

  std::string nesting_;  // '{' and '['
  bool in_string_ = false;
  bool is_key_ = false;
  bool expects_key_ = false;
  bool escaped_ = false;
  int hex_digits_ = 0;  // of a \u escape, still to come
};

// Whether they begin as a JSON document does, and not as a stream of events or a text; it may have been cut.
bool IsDocument(std::string_view bytes);

class Redactor {
 public:
  explicit Redactor(bool keep_text) : keep_text_(keep_text) {}

  // A text that a person or a model wrote.
  std::string Text(std::string_view text) const;
  // A JSON document. What is none is taken for a text; one that was cut is masked whole, whatever is to be kept.
  std::string Json(std::string_view document);
  // A request's body: JSON, or a form, which becomes the JSON that says the same. What looks like a form and is none
  // (it may have been cut) is gone altogether, since it may hold a file's bytes.
  std::string Body(std::string_view body);
  // A stream of server-sent events, in which each `data` is JSON.
  std::string Events(std::string_view stream);
  // A stream of lines, each of which is JSON.
  std::string Lines(std::string_view stream);
  // Every text field of a message and of those inside it.
  void Message(google::protobuf::Message& message);

 private:
  std::string Form(std::string_view body);
  void MaskAll(nlohmann::ordered_json& value) const;
  void Walk(nlohmann::ordered_json& value, const std::string& key, const std::string& stream);
  std::string Value(const std::string& key, const std::string& text, const std::string& stream);
  std::string Arguments(const std::string& text, const std::string& stream);

  const bool keep_text_;
  std::map<std::string, JsonMasker> streams_;  // of arguments that come in pieces, by item
};

}  // namespace patchbay::cli
