#include "workers/frontend/dialects/openai_images/dialect.h"

#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/dialects/common/reply/translated_reply.h"
#include "workers/frontend/dialects/openai_images/event_encoder.h"
#include "workers/frontend/dialects/openai_images/request_decoder.h"
#include "workers/frontend/dialects/openai_images/response_encoder.h"

namespace patchbay::frontend::openai_images {
namespace {

class OpenAiImages final : public Dialect {
 public:
  OpenAiImages(std::string_view name, std::string_view path, bool edit)
      : name_(name),
        row_{.method = "POST", .path = path, .action = Action::kCall, .at_further_bases = true},
        edit_(edit) {}
  std::string_view name() const override { return name_; }
  std::span<const RouteRow> routes() const override { return {&row_, 1}; }
  void Configure(const config::v1::Frontend& settings) override { image_model_ = settings.image_model(); }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    const Source source{.edit = edit_, .content_type = request.header("content-type"), .host_model = image_model_};
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body, source));
    const ReplyIdentity identity{
        .created = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count(),
        .edit = edit_};
    DecodedCall understood;
    understood.call.model = decoded.request.model();
    understood.reply.stream = decoded.stream;
    understood.reply.translated = StreamOrWhole<EventEncoder, ResponseEncoder>(decoded.stream, identity);
    understood.call.needs.tools = true;
    understood.call.needs.vision = edit_;
    understood.call.affinity.first_turn = request.unique;  // one picture has nothing to do with the next
    understood.reply.ignored = std::move(decoded.ignored);
    understood.call.payload = std::move(decoded.request);
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return OpenAiErrorAnswer(problem); }

 private:
  const std::string_view name_;
  const RouteRow row_;
  const bool edit_;
  std::string image_model_;  // for clients that name a model which makes nothing else
};

}  // namespace

std::unique_ptr<Dialect> MakeGenerationsDialect() {
  return std::make_unique<OpenAiImages>("openai_images_generations", "/v1/images/generations", false);
}
std::unique_ptr<Dialect> MakeEditsDialect() {
  return std::make_unique<OpenAiImages>("openai_images_edits", "/v1/images/edits", true);
}

}  // namespace patchbay::frontend::openai_images
