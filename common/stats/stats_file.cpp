#include "common/stats/stats_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "common/code/bailout.h"
#include "common/protocol/catalogue.h"

namespace jitfarm::stats {

namespace {

constexpr std::size_t kErrcCount = 0
#define JF_ERROR(code, disposition, text) +1
#include "common/base/errors.def"
#undef JF_ERROR
    ;
static_assert(static_cast<std::size_t>(code::BailoutReason::kCount) <= kBailoutsMax &&
              kErrcCount <= kErrorsMax);
template <class... Ms>
consteval bool ids_fit(protocol::MessageList<Ms...>) {
  return ((Ms::kRecord.id < kMessagesMax) && ...);
}
static_assert(ids_fit(protocol::AllMessages{}));

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string failed(const char* what, const std::string& path) {
  return std::string(what) + " " + path + ": " + std::strerror(errno);
}

/// `value(bucket)` of the entry below which `share` of all lie; counts[bucket] entries each.
template <class Value>
Distribution distribution(std::span<const Counter> counts, Value value) {
  Distribution d;
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t n = counts[i].load(std::memory_order_relaxed);
    d.count += n;
    sum += static_cast<double>(n) * value(i);
  }
  if (d.count == 0) return d;
  d.mean = sum / static_cast<double>(d.count);
  auto quantile = [&](double share) {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(d.count - 1));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      seen += counts[i].load(std::memory_order_relaxed);
      if (seen > rank) return value(i);
    }
    return value(counts.size() - 1);
  };
  d.p50 = quantile(0.5);
  d.p99 = quantile(0.99);
  return d;
}

}  // namespace

std::uint64_t monotonic_ns() {
  timespec t;
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(t.tv_nsec);
}

Result<Layout*> create(const std::string& path) {
  void* memory = MAP_FAILED;
  if (path.empty()) {
    memory =
        ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  } else {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (fd.get() < 0) return fail(Errc::io_failure, failed("open", path));
    // Space is taken now: a full disk must be an error here and not a SIGBUS in somebody's JVM.
    if (const int error = ::posix_fallocate(fd.get(), 0, sizeof(Layout)); error != 0) {
      errno = error;
      return fail(Errc::io_failure, failed("allocate", path));
    }
    memory = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  }
  if (memory == MAP_FAILED) return fail(Errc::io_failure, failed("map", path));
  auto* layout = static_cast<Layout*>(memory);  // zero bytes are valid counters
  layout->version = kVersion;
  layout->bytes = sizeof(Layout);
  layout->process.store(static_cast<std::uint64_t>(::getpid()), std::memory_order_relaxed);
  layout->loaded_at.store(monotonic_ns(), std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  layout->magic = kMagic;
  return layout;
}

Snapshot snapshot(const Layout& layout, std::uint64_t end_ns) {
  const auto get = [](const Counter& c) { return c.load(std::memory_order_relaxed); };
  Snapshot s;
  s.requested = get(layout.requested);
  s.installed = get(layout.installed);
  s.invalidated = get(layout.invalidated);
  s.remembered = get(layout.remembered);
  s.deferred_installed = get(layout.deferred_installed);
  s.code_bytes = get(layout.code_bytes);
  s.sessions = get(layout.sessions);
  for (std::size_t i = 0; i < static_cast<std::size_t>(code::BailoutReason::kCount); ++i)
    if (const auto n = get(layout.bailed_out[i]))
      s.bailed_out[std::string(code::name(static_cast<code::BailoutReason>(i)))] = n;
  for (std::size_t i = 0; i < kErrcCount; ++i)
    if (const auto n = get(layout.failed[i])) s.failed[std::string(name(static_cast<Errc>(i)))] = n;
  for (std::size_t i = 0; i < kMessagesMax; ++i)
    for (const bool sent : {true, false}) {
      const Traffic& t = sent ? layout.sent[i] : layout.received[i];
      if (const auto n = get(t.count))
        s.messages.push_back({std::string(protocol::message_name(static_cast<std::uint16_t>(i))),
                              sent, n, get(t.bytes)});
    }
  s.round_trips = distribution(layout.waves, [](std::size_t i) { return static_cast<double>(i); });
  s.compile_seconds = distribution(layout.compile_time, bucket_seconds);
  if (const auto state = layout.agent_state.load(std::memory_order_acquire);
      state <= static_cast<std::uint64_t>(AgentState::refused))
    s.agent = static_cast<AgentState>(state);
  if (s.agent == AgentState::refused)
    s.refusal.assign(layout.refusal, ::strnlen(layout.refusal, sizeof layout.refusal));
  std::uint64_t available = get(layout.available_ns);
  if (const auto since = get(layout.available_since); since != 0 && since < end_ns)
    available += end_ns - since;
  s.available_seconds = static_cast<double>(available) * 1e-9;
  if (const auto first = get(layout.first_available_at); first != 0)
    s.first_available_seconds = static_cast<double>(first - get(layout.loaded_at)) * 1e-9;
  return s;
}

Result<Snapshot> read(const std::string& path, std::uint64_t end_ns) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return fail(Errc::io_failure, failed("open", path));
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return fail(Errc::io_failure, failed("stat", path));
  if (info.st_size < static_cast<off_t>(sizeof(Layout)))
    return fail(Errc::malformed_frame, path + " is too short for a statistics file");
  void* memory = ::mmap(nullptr, sizeof(Layout), PROT_READ, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return fail(Errc::io_failure, failed("map", path));
  struct Unmap {
    void* memory;
    ~Unmap() { ::munmap(memory, sizeof(Layout)); }
  } unmap{memory};
  const auto& layout = *static_cast<const Layout*>(memory);
  if (layout.magic != kMagic) return fail(Errc::malformed_frame, path + " is no statistics file");
  if (layout.version != kVersion || layout.bytes != sizeof(Layout))
    return fail(Errc::version_mismatch, path + " has version " + std::to_string(layout.version) +
                                            ", this program reads " + std::to_string(kVersion));
  return snapshot(layout, end_ns);
}

}  // namespace jitfarm::stats
