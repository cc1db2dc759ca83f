// Embeddings as OpenAI's API has them (POST /embeddings), which its imitators have taken over: the request passes as it
// is, and of the answer only what the books need is read. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/catalog/words.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/document_observer.h"

namespace patchbay::upstream {

inline constexpr RawRoute kEmbeddingsRoute = {catalog::kEmbeddings, "/embeddings", RawRoute::Answer::kDocument};

// Reads `usage` and `model`, which stand behind the vectors: so the document is kept until its end, at most
// kMaxDocumentBytes of it.
class EmbeddingsObserver final : public ResponseObserver {
 public:
  // As DocumentObserver's.
  Result<void> Feed(std::string_view bytes) override;
  std::size_t may_be_error() const override { return 0; }
  const ResponseSummary& summary() const override { return summary_; }

 private:
  DocumentObserver brackets_;
  std::string document_;
  ResponseSummary summary_;
};

}  // namespace patchbay::upstream
