// Where do coroutine frames live? In slabs by size, so that a frame costs its own bytes and nothing
// more.
#pragma once
#include <cstddef>

namespace jitfarm::actor {

/// Memory for one coroutine frame or actor block. Any thread; may be freed on another one. Blocks
/// up to kSlabBlockMax bytes come from slabs of kSlabBytes that are reused but never given back to
/// the system: a process that held many actors once is expected to hold them again. Ends the
/// process when memory is out, like every other allocation here. Sanitizer builds use the ordinary
/// heap.
void* frame_allocate(std::size_t bytes);
void frame_free(void* block, std::size_t bytes) noexcept;

inline constexpr std::size_t kSlabBlockMax = 1024;
inline constexpr std::size_t kSlabBytes = 1u << 20;

}  // namespace jitfarm::actor
