#include "vmagent/hotspot/safe_read.h"

#include <sys/uio.h>
#include <unistd.h>

namespace jitfarm::vmagent::hotspot {

bool safe_copy(std::uintptr_t address, void* to, std::size_t bytes) {
  if (address == 0) return false;
  const iovec local{to, bytes};
  const iovec remote{reinterpret_cast<void*>(address), bytes};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(bytes);
}

}  // namespace jitfarm::vmagent::hotspot
