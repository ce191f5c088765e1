// How are frames cut from slabs, and how do they get back?
#include "common/actor/frame_alloc.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <new>

namespace jitfarm::actor {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define JF_FRAME_HEAP 1
#endif
#endif
#ifndef JF_FRAME_HEAP
#define JF_FRAME_HEAP 0
#endif

struct FreeBlock {
  FreeBlock* next;
};

// 8: a frame of references, integers and handles needs no more, and at 16 a bare process would
// cost 48 bytes instead of 40. Sizes that are multiples of 16 are aligned to 16.
constexpr std::size_t kGranule = 8;
constexpr std::size_t kClasses = kSlabBlockMax / kGranule + 1;
constexpr std::size_t kLocalMax =
    256;  // free blocks of one size that a thread keeps; half goes back at once

/// Free blocks that threads gave up. Guarded by its mutex; visited once per kLocalMax / 2 frees.
struct Shared {
  std::mutex mutex;
  std::array<FreeBlock*, kClasses> batches{};
};
Shared& shared() {
  static auto* instance = new Shared;  // outlives every thread's Local
  return *instance;
}

struct Local {
  std::array<FreeBlock*, kClasses> free{};
  std::array<std::uint32_t, kClasses> count{};
  std::byte* cursor = nullptr;
  std::byte* end = nullptr;

  ~Local() {
    std::lock_guard lock(shared().mutex);
    for (std::size_t c = 0; c < kClasses; ++c) {
      while (FreeBlock* block = free[c]) {
        free[c] = block->next;
        block->next = shared().batches[c];
        shared().batches[c] = block;
      }
    }
  }

  void* take(std::size_t c) {
    if (FreeBlock* block = free[c]) [[likely]] {
      free[c] = block->next;
      --count[c];
      return block;
    }
    if (refill(c)) return take(c);
    return carve(c * kGranule);
  }

  bool refill(std::size_t c) {
    std::lock_guard lock(shared().mutex);
    for (std::size_t i = 0; i < kLocalMax / 2 && shared().batches[c]; ++i) {
      FreeBlock* block = shared().batches[c];
      shared().batches[c] = block->next;
      block->next = free[c];
      free[c] = block;
      ++count[c];
    }
    return free[c] != nullptr;
  }

  void* carve(std::size_t bytes) {
    const std::size_t align = bytes % 16 == 0 ? 16 : kGranule;
    auto at = (reinterpret_cast<std::uintptr_t>(cursor) + align - 1) & ~(align - 1);
    if (!cursor || at + bytes > reinterpret_cast<std::uintptr_t>(end)) {
      cursor = static_cast<std::byte*>(::operator new(kSlabBytes, std::align_val_t{64}));
      end = cursor + kSlabBytes;
      at = reinterpret_cast<std::uintptr_t>(cursor);
    }
    cursor = reinterpret_cast<std::byte*>(at + bytes);
    return reinterpret_cast<void*>(at);
  }

  void give(void* p, std::size_t c) {
    auto* block = static_cast<FreeBlock*>(p);
    block->next = free[c];
    free[c] = block;
    if (++count[c] > kLocalMax) spill(c);
  }

  void spill(std::size_t c) {
    std::lock_guard lock(shared().mutex);
    for (std::size_t i = 0; i < kLocalMax / 2; ++i) {
      FreeBlock* block = free[c];
      free[c] = block->next;
      block->next = shared().batches[c];
      shared().batches[c] = block;
    }
    count[c] -= kLocalMax / 2;
  }
};

[[maybe_unused]] Local& local() {
  thread_local Local instance;
  return instance;
}

constexpr std::size_t class_of(std::size_t bytes) { return (bytes + kGranule - 1) / kGranule; }

}  // namespace

void* frame_allocate(std::size_t bytes) {
  if (JF_FRAME_HEAP || bytes > kSlabBlockMax) return ::operator new(bytes);
  return local().take(class_of(bytes));
}

void frame_free(void* block, std::size_t bytes) noexcept {
  if (JF_FRAME_HEAP || bytes > kSlabBlockMax) return ::operator delete(block);
  local().give(block, class_of(bytes));
}

}  // namespace jitfarm::actor
