// What is at an address that may not be mapped any more?
#pragma once
#include <cstdint>
#include <optional>

namespace jitfarm::vmagent::hotspot {

/// Copies `bytes` from `address` in this process without ever faulting; false when it is not
/// readable (or the kernel does not let us: process_vm_readv refused). About 0.4 us.
bool safe_copy(std::uintptr_t address, void* to, std::size_t bytes);

template <class T>
std::optional<T> safe_read(std::uintptr_t address) {
  T value;
  if (!safe_copy(address, &value, sizeof value)) return std::nullopt;
  return value;
}

}  // namespace jitfarm::vmagent::hotspot
