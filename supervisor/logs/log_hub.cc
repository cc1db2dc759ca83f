#include "supervisor/logs/log_hub.h"

#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "lib/log/log.h"

namespace patchbay::supervisor {
namespace {

constexpr char kSelf[] = "patchbayd";

}  // namespace

void LogHub::SetSink(std::unique_ptr<LogSink> sink) {
  sink_ = std::move(sink);
  for (const Entry& entry : ring_) ToSink(entry.record);
  asio::post(io_, [this] { loop_runs_ = true; });
}

void LogHub::Flush() {
  if (!sink_) return;
  WriteBatch();
  loop_runs_ = false;
  std::promise<void> gone;
  const std::future<void> written = gone.get_future();
  std::thread([sink = std::move(sink_), gone = std::move(gone)]() mutable {
    sink.reset();
    gone.set_value();
  }).detach();
  written.wait_for(kFlushPatience);
}

void LogHub::ToSink(std::string_view record) {
  if (!sink_) return;
  const bool first = batch_.empty();
  batch_.append(record).append(1, '\n');
  if (!loop_runs_ || batch_.size() >= kBatchBytes) return WriteBatch();
  if (!first) return;
  company_.expires_after(kCompany);
  company_.async_wait([this](boost::system::error_code error) {
    if (!error) WriteBatch();
  });
}

void LogHub::WriteBatch() {
  company_.cancel();
  if (sink_ && !batch_.empty()) sink_->Write(std::exchange(batch_, {}));
}

void LogHub::Line(RecordMaker& maker, std::string_view line) {
  if (line.empty()) return;
  Add(maker.source().worker, maker.Make(line, log::Timestamp));
}

void LogHub::Own(std::string record) {
  if (std::this_thread::get_id() == home_) return Add(kSelf, std::move(record));
  asio::post(io_, [this, record = std::move(record)]() mutable { Add(kSelf, std::move(record)); });
}

void LogHub::Add(std::string worker, std::string record) {
  ToSink(record);
  std::erase_if(followers_, [](const auto& weak) { return weak.expired(); });
  for (const auto& weak : followers_) {
    const auto follower = weak.lock();
    if (!follower || (!follower->worker.empty() && follower->worker != worker)) continue;
    if (follower->records.size() >= kFollowerRecords) {
      follower->records.pop_front();
      ++follower->dropped;
    }
    follower->records.push_back(record);
    follower->more.Notify();
  }
  ring_bytes_ += record.size();
  ring_.push_back({std::move(worker), std::move(record)});
  while (ring_.size() > kRingRecords || ring_bytes_ > kRingBytes) {
    ring_bytes_ -= ring_.front().record.size();
    ring_.pop_front();
  }
}

std::vector<std::string> LogHub::Tail(const std::string& worker, std::size_t count) const {
  std::vector<std::string> found;
  for (auto entry = ring_.rbegin(); entry != ring_.rend() && found.size() < count; ++entry) {
    if (worker.empty() || entry->worker == worker) found.push_back(entry->record);
  }
  return {found.rbegin(), found.rend()};
}

std::shared_ptr<LogHub::Follower> LogHub::Follow(const std::string& worker) {
  auto follower = std::make_shared<Follower>(io_.get_executor(), worker);
  followers_.push_back(follower);
  return follower;
}

}  // namespace patchbay::supervisor
