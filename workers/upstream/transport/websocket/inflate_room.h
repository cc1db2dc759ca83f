// Memory in which whatever one read of a compressed message says finds room.
//
// Beast (1.81 and before) loses its place in a compressed stream when a buffer becomes full just where a message's
// bytes end: it gives the decoder the end marker twice, and the next message is no deflate any more. So no buffer may
// ever become full, whatever the provider sends. Pages that nothing was written to cost nothing.
#pragma once

#include <sys/mman.h>

#include <cstddef>

namespace patchbay::upstream {

class InflateRoom {
 public:
  // Beast decodes at most two of its own buffers of 1536 bytes at a time, and deflate makes at most 1032 bytes of one.
  static constexpr std::size_t kBytes = std::size_t{4} << 20;

  InflateRoom() {
    void* mapped = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return;
    data_ = static_cast<char*>(mapped);
    madvise(data_, kBytes, MADV_NOHUGEPAGE);  // else the first byte would cost two megabytes
  }
  InflateRoom(const InflateRoom&) = delete;
  InflateRoom& operator=(const InflateRoom&) = delete;
  ~InflateRoom() {
    if (data_ != nullptr) munmap(data_, kBytes);
  }

  // Null when there is no memory.
  char* data() { return data_; }
  // So many bytes were used, and are not needed any more.
  void GiveBack(std::size_t bytes) {
    if (bytes > kKeptBytes) madvise(data_, kBytes, MADV_DONTNEED);
  }

 private:
  // As much as ordinary messages take stays with the socket.
  static constexpr std::size_t kKeptBytes = std::size_t{64} << 10;

  char* data_ = nullptr;
};

}  // namespace patchbay::upstream
