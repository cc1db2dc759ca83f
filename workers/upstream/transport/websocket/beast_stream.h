// Our Stream as the AsyncStream that Beast works on. For websocket.cc only.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "workers/upstream/transport/stream.h"

namespace patchbay::upstream {

class BeastStream {
 public:
  using executor_type = asio::any_io_executor;

  BeastStream(executor_type executor, std::shared_ptr<Stream> stream)
      : executor_(std::move(executor)), stream_(std::move(stream)) {}

  executor_type get_executor() noexcept { return executor_; }
  void Close() { stream_->Close(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, asio::mutable_buffer into) { Start(Read(stream_, into), std::move(handler)); }, token,
        First(buffers));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    // Frame head and payload leave together: as one TLS record, one packet.
    std::string bytes;
    bytes.reserve(asio::buffer_size(buffers));
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
      const asio::const_buffer piece(*it);
      bytes.append(static_cast<const char*>(piece.data()), piece.size());
    }
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, std::string all) { Start(Write(stream_, std::move(all)), std::move(handler)); }, token,
        std::move(bytes));
  }

 private:
  template <class Buffers>
  static asio::mutable_buffer First(const Buffers& buffers) {
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
      const asio::mutable_buffer piece(*it);
      if (piece.size() > 0) return piece;
    }
    return {};
  }

  // The stream is held by whatever waits on it: Beast may forget an operation before it has ended.
  static Awaitable<IoResult> Read(std::shared_ptr<Stream> stream, asio::mutable_buffer into) {
    if (into.size() == 0) co_return IoResult();
    IoResult result = co_await stream->Read(static_cast<char*>(into.data()), into.size());
    co_return result;
  }
  static Awaitable<IoResult> Write(std::shared_ptr<Stream> stream, std::string bytes) {
    IoResult result = co_await stream->Write(bytes);
    if (result.status == IoStatus::kOk) result.bytes = bytes.size();
    co_return result;
  }

  static boost::system::error_code ErrorOf(const IoResult& result) {
    switch (result.status) {
      case IoStatus::kOk: return {};
      case IoStatus::kClosed: return asio::error::eof;
      case IoStatus::kFailed: return asio::error::connection_aborted;
    }
    return asio::error::fault;
  }

  template <class Handler>
  void Start(Awaitable<IoResult> operation, Handler handler) {
    const auto executor = asio::get_associated_executor(handler, executor_);
    asio::co_spawn(
        executor_, std::move(operation),
        asio::bind_executor(executor, [handler = std::move(handler)](std::exception_ptr bug, IoResult result) mutable {
          if (bug) std::rethrow_exception(bug);
          handler(ErrorOf(result), result.bytes);
        }));
  }

  executor_type executor_;
  std::shared_ptr<Stream> stream_;
};

// What Beast asks for beside reading and writing. Our streams close without TLS's goodbye, like the provider's own
// client.
inline void beast_close_socket(BeastStream& stream) { stream.Close(); }
inline void teardown(boost::beast::role_type, BeastStream& stream, boost::system::error_code& error) {
  stream.Close();
  error = {};
}
template <class Handler>
void async_teardown(boost::beast::role_type, BeastStream& stream, Handler&& handler) {
  stream.Close();
  asio::post(stream.get_executor(),
             boost::beast::bind_handler(std::forward<Handler>(handler), boost::system::error_code()));
}

}  // namespace patchbay::upstream
