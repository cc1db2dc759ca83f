#include "workers/ollama/server/client_notes.h"

#include <algorithm>
#include <utility>

#include "lib/log/log.h"

namespace patchbay::ollama {
namespace {

using gateway::v1::Recording;

// Passes everything on, and notes the answer.
class NotedExchange final : public net::HttpExchange {
 public:
  NotedExchange(std::shared_ptr<net::HttpExchange> exchange, std::shared_ptr<Recording> told)
      : exchange_(std::move(exchange)), told_(std::move(told)) {}

  const net::HttpRequest& request() const override { return exchange_->request(); }
  Awaitable<Result<std::string>> ReadBody() override { return exchange_->ReadBody(); }
  Awaitable<bool> Respond(int status, net::HttpHeaders headers, std::string body) override {
    told_->clear_response_body();
    Begin(status, false);
    Add(body);
    return exchange_->Respond(status, std::move(headers), std::move(body));
  }
  Awaitable<bool> StartStream(int status, net::HttpHeaders headers) override {
    Begin(status, true);
    return exchange_->StartStream(status, std::move(headers));
  }
  Awaitable<bool> Write(std::string bytes) override {
    Add(bytes);
    return exchange_->Write(std::move(bytes));
  }
  Awaitable<bool> FinishStream(std::string last) override {
    Add(last);
    return exchange_->FinishStream(std::move(last));
  }
  void Abort() override { exchange_->Abort(); }
  void OnDisconnect(std::function<void()> callback) override { exchange_->OnDisconnect(std::move(callback)); }
  bool response_started() const override { return exchange_->response_started(); }

 private:
  void Begin(int status, bool lines) {
    told_->set_status(status);
    told_->set_lines(lines);
  }
  void Add(std::string_view bytes) {
    std::string& kept = *told_->mutable_response_body();
    const std::size_t room = ClientNotes::kMaxBytes - std::min(kept.size(), ClientNotes::kMaxBytes);
    if (bytes.size() > room) told_->set_cut(true);
    kept.append(bytes.substr(0, room));
  }

  const std::shared_ptr<net::HttpExchange> exchange_;
  const std::shared_ptr<Recording> told_;
};

}  // namespace

ClientNotes::ClientNotes(std::string_view path, std::string body) : path_(path), body_(std::move(body)) {
  if (body_.size() <= kMaxBytes) return;
  body_.resize(kMaxBytes);
  body_.shrink_to_fit();
  cut_ = true;
}

void ClientNotes::Begin(Request& request, const std::string& recording) {
  if (told_ == nullptr) {
    told_ = std::make_shared<Recording>();
    told_->set_dialect("ollama");
    told_->set_path(std::string(path_));
    told_->set_request_body(std::move(body_));
    told_->set_cut(cut_);
    request.exchange = std::make_shared<NotedExchange>(std::move(request.exchange), told_);
  }
  told_->set_request_id(recording);
}

void ClientNotes::Settle() { body_ = std::string(); }

Awaitable<void> ClientNotes::Tell(Gateway& gateway, std::string model, bool stream) {
  if (told_ == nullptr) co_return;
  told_->set_model(std::move(model));
  told_->set_stream(stream);
  const Recording told = std::move(*told_);
  const auto taken = co_await gateway.TellClient(told);
  if (!taken.ok()) {
    log::Warn("ollama.recording_lost", {{"request", told.request_id()}, {"error", taken.error().message}});
  }
}

}  // namespace patchbay::ollama
