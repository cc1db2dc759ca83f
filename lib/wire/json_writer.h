// Writes JSON straight into a string: for the hot, hand-shaped chunks of a stream, where a document
// tree would cost more than the text. Documents that are edited belong to Boost.JSON.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::wire {

// Appends `text` as a JSON string, with its quotes (RFC 8259 §7). What is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);
// The same without the quotes.
void AppendJsonText(std::string& out, std::string_view text);

// Puts the commas; nesting and the order of keys and values are the caller's promise. The string it
// writes into must outlive it. `Raw` takes text that is JSON already.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  JsonWriter& Key(std::string_view key) {
    Quote(key, "\":");
    comma_ = false;
    return *this;
  }
  JsonWriter& String(std::string_view text) {
    Quote(text, "\"");
    comma_ = true;
    return *this;
  }
  JsonWriter& Int(std::int64_t number) { return Raw(Digits(number).view()); }
  JsonWriter& Uint(std::uint64_t number) { return Raw(Digits(number).view()); }
  JsonWriter& Double(double number);  // what JSON cannot say (NaN, infinity) is written as null
  JsonWriter& Bool(bool flag) { return Raw(flag ? "true" : "false"); }
  JsonWriter& Null() { return Raw("null"); }
  JsonWriter& Raw(std::string_view json) {
    Separate();
    out_.append(json);
    return *this;
  }

 private:
  struct Digits {
    char text[24];
    char* end;
    template <class Number>
    explicit Digits(Number number) : end(std::to_chars(text, text + sizeof text, number).ptr) {}
    std::string_view view() const { return {text, static_cast<std::size_t>(end - text)}; }
  };

  // A value or a key is about to be written; whatever follows it needs a comma.
  void Separate() {
    if (comma_) out_.push_back(',');
    comma_ = true;
  }
  // With the comma in front: most texts are short, and each time that the string grows costs as much as some of them.
  void Quote(std::string_view text, std::string_view end) {
    out_.append(comma_ ? std::string_view(",\"") : std::string_view("\""));
    AppendJsonText(out_, text);
    out_.append(end);
  }
  JsonWriter& Open(char bracket) {
    Separate();
    out_.push_back(bracket);
    comma_ = false;
    return *this;
  }
  JsonWriter& Close(char bracket) {
    out_.push_back(bracket);
    comma_ = true;
    return *this;
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace patchbay::wire
