// Takes our secrets out of what a provider says: one that repeats the Authorization it was shown ("bad token Bearer
// eyJ…") would otherwise hand the account to whoever asked.
//
// An echo may be cut, by the provider or at the bound of what we read, so pieces are looked for and not whole secrets.
// Making one costs a set of every piece, and a search one look-up per byte: it is made once something has gone wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lib/base/secret.h"
#include "patchbay/inference/v1/failure.pb.h"

namespace patchbay::upstream {

class Redactor {
 public:
  // This many bytes in a row of a secret are a part of it, and no accident.
  static constexpr std::size_t kPieceBytes = 16;
  // What is shorter is found in innocent text, and is left alone.
  static constexpr std::size_t kMinSecretBytes = 8;

  explicit Redactor(std::vector<Secret> secrets);
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  // Each run of a secret's bytes in `text` becomes Secret::kRedacted.
  void Redact(std::string& text) const;
  // The provider's words in it: body, message, code and whatever else is text.
  void Redact(inference::v1::Failure& failure) const;

 private:
  // How many bytes at the start of `text` are a piece; 0 for none.
  std::size_t PieceAt(std::string_view text) const;
  // For fields that must stay UTF-8.
  void RedactUtf8(std::string& text) const;

  const std::vector<Secret> secrets_;
  std::unordered_set<std::string_view> pieces_;  // of secrets_
  std::vector<std::string_view> short_;          // those of secrets_ that are shorter than a piece
};

}  // namespace patchbay::upstream
