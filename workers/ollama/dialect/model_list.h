// The gateway's models as Ollama lists and shows them (client-protocols §F.5–F.7). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "patchbay/gateway/v1/gateway.pb.h"

namespace patchbay::ollama {

struct ModelView {
  bool disable_vision = false;  // no model says that it can see
};

// What /api/tags and /api/show say that a model can do: editors offer their agents only what stands here (wishes A3).
std::vector<std::string_view> CapabilitiesOf(const gateway::v1::Model& model, const ModelView& view);

// The body of GET /api/tags.
std::string EncodeTags(const gateway::v1::ListModelsReply& models, const ModelView& view);

// The body of POST /api/show.
std::string EncodeShow(const gateway::v1::Model& model, const ModelView& view);

// A model that was used lately, which is what a model that is loaded is here.
struct LoadedModel {
  const gateway::v1::Model* model = nullptr;
  WallTime expires_at;
};
// The body of GET /api/ps.
std::string EncodeLoaded(const std::vector<LoadedModel>& models);

// The body of GET /api/version.
std::string EncodeVersion(std::string_view version);

}  // namespace patchbay::ollama
