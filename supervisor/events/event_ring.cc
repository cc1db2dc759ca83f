#include "supervisor/events/event_ring.h"

#include <algorithm>

namespace patchbay::supervisor {
namespace {

std::string Fitting(std::string text) {
  if (text.size() > EventRing::kTextBytes) {
    std::size_t end = EventRing::kTextBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a character
    text.resize(end);
  }
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  return text;
}

// Every text of the message, whatever fields it gets.
void MakeTextsFit(events::v1::Event& event) {
  const auto& descriptor = *event.GetDescriptor();
  const auto& reflection = *event.GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const auto* field = descriptor.field(i);
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) continue;
    reflection.SetString(&event, field, Fitting(reflection.GetString(event, field)));
  }
}

}  // namespace

const SeenEvent& EventRing::Add(std::string worker, events::v1::Event event) {
  MakeTextsFit(event);
  events_.push_back({++newest_, std::move(worker), std::move(event)});
  if (events_.size() > kEvents) events_.pop_front();
  return events_.back();
}

EventRing::Next EventRing::After(std::int64_t sequence) const {
  if (sequence >= newest_) return {};
  const std::int64_t oldest = events_.front().sequence;
  const std::int64_t next = std::max(sequence + 1, oldest);
  return {&events_[static_cast<std::size_t>(next - oldest)], next - sequence - 1};
}

}  // namespace patchbay::supervisor
