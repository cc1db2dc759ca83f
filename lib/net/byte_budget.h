// A bound on bytes that many holders share. Single-threaded. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace patchbay::net {

class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // A lower limit takes nothing back from those who hold bytes already.
  void SetLimit(std::size_t limit) { limit_ = limit; }
  std::size_t used() const { return used_; }

  // Bytes held by one holder; gives them back when it goes.
  class Share {
   public:
    Share() = default;
    explicit Share(std::shared_ptr<ByteBudget> budget) : budget_(std::move(budget)) {}
    Share(Share&& other) noexcept : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      Release();
      budget_ = std::move(other.budget_);
      bytes_ = std::exchange(other.bytes_, 0);
      return *this;
    }
    ~Share() { Release(); }

    // False: the budget does not have them. Without a budget there is no bound.
    bool Grow(std::size_t bytes) {
      if (!budget_) return true;
      if (bytes > budget_->limit_ - std::min(budget_->limit_, budget_->used_)) return false;
      budget_->used_ += bytes;
      bytes_ += bytes;
      return true;
    }
    void Release() {
      if (budget_) budget_->used_ -= std::exchange(bytes_, 0);
    }

   private:
    std::shared_ptr<ByteBudget> budget_;
    std::size_t bytes_ = 0;
  };

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

}  // namespace patchbay::net
