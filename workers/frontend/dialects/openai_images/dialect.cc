#include "workers/frontend/dialects/openai_images/dialect.h"

#include "workers/frontend/dialects/openai_images/error_encoder.h"
#include "workers/frontend/dialects/openai_images/event_encoder.h"
#include "workers/frontend/dialects/openai_images/request_decoder.h"
#include "workers/frontend/dialects/openai_images/response_encoder.h"

namespace patchbay::frontend::openai_images {
namespace {

Error NoRawRoute() { return Error(ErrorCode::kInternal, "images have no byte-transparent route"); }

class StreamReply final : public ReplyEncoder {
 public:
  explicit StreamReply(ReplyIdentity identity) : encoder_(identity) {}
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) override {
    return encoder_.Encode(event, out);
  }
  Result<bool> Bytes(std::string_view, std::string&) override { return NoRawRoute(); }
  Result<void> End(std::string&) override { return {}; }  // the Finished event wrote it
  void Break(const Problem& problem, std::string& out) override { encoder_.EncodeBreak(problem, out); }

 private:
  EventEncoder encoder_;
};

class WholeReply final : public ReplyEncoder {
 public:
  explicit WholeReply(ReplyIdentity identity) : encoder_(identity) {}
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string&) override { return encoder_.Add(event); }
  Result<bool> Bytes(std::string_view, std::string&) override { return NoRawRoute(); }
  Result<void> End(std::string& out) override {
    ASSIGN_OR_RETURN(out, encoder_.Encode());
    return {};
  }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  ResponseEncoder encoder_;
};

class OpenAiImages final : public Dialect {
 public:
  OpenAiImages(std::string_view name, bool edit) : name_(name), edit_(edit) {}
  std::string_view name() const override { return name_; }

  Result<Conversation> Decode(DialectRequest request) const override {
    const Source source{
        .edit = edit_, .content_type = request.header("content-type"), .host_model = request.image_model};
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body, source));
    const ReplyIdentity identity{
        .created = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count(),
        .edit = edit_};
    Conversation conversation;
    conversation.model = decoded.request.model();
    conversation.stream = decoded.stream;
    conversation.new_encoder = [identity, stream = decoded.stream]() -> std::unique_ptr<ReplyEncoder> {
      if (stream) return std::make_unique<StreamReply>(identity);
      return std::make_unique<WholeReply>(identity);
    };
    conversation.needs_tools = true;
    conversation.needs_vision = edit_;
    conversation.first_turn = request.unique;  // one picture has nothing to do with the next
    conversation.ignored = std::move(decoded.ignored);
    conversation.payload = std::move(decoded.request);
    return conversation;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_images::EncodeError(problem); }

 private:
  const std::string_view name_;
  const bool edit_;
};

}  // namespace

std::unique_ptr<Dialect> MakeGenerationsDialect() {
  return std::make_unique<OpenAiImages>("openai_images_generations", false);
}
std::unique_ptr<Dialect> MakeEditsDialect() { return std::make_unique<OpenAiImages>("openai_images_edits", true); }

}  // namespace patchbay::frontend::openai_images
