#include "workers/frontend/dialects/dialect.h"

#include "workers/frontend/dialects/common/reply/openai_model_list.h"

namespace patchbay::frontend {

Result<Answer> Dialect::EncodeModels(const ModelListQuestion&, const accounts::v1::ListModelsReply& models) const {
  return JsonAnswer(OpenAiModelList(models));
}

Answer Dialect::EncodeModel(const accounts::v1::ModelInfo& model) const { return JsonAnswer(OpenAiModel(model)); }

}  // namespace patchbay::frontend
