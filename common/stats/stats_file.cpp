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

/// Writable and shared. Space is taken now: a full disk must be an error here and not a SIGBUS in
/// somebody's JVM.
Result<Layout*> map_shared(const Fd& fd, const std::string& path) {
  if (const int error = ::posix_fallocate(fd.get(), 0, sizeof(Layout)); error != 0) {
    errno = error;
    return fail(Errc::io_failure, failed("allocate", path));
  }
  void* memory = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return fail(Errc::io_failure, failed("map", path));
  return static_cast<Layout*>(memory);
}

/// An empty file becomes one that any process may claim.
Result<Layout*> fill(const Fd& fd, const std::string& path) {
  JF_TRY(Layout * layout, map_shared(fd, path));
  layout->version = kVersion;
  layout->bytes = sizeof(Layout);
  std::atomic_thread_fence(std::memory_order_release);
  layout->magic = kMagic;
  return layout;
}

Status check(const Layout& layout, const std::string& path) {
  if (layout.magic != kMagic) return fail(Errc::malformed_frame, path + " is no statistics file");
  if (layout.version != kVersion || layout.bytes != sizeof(Layout))
    return fail(Errc::version_mismatch, path + " has version " + std::to_string(layout.version) +
                                            ", this program reads " + std::to_string(kVersion));
  return {};
}

/// Does process `id` run the program that this process runs?
bool runs_our_program(std::uint64_t id) {
  struct stat ours, other;
  return ::stat("/proc/self/exe", &ours) == 0 &&
         ::stat(("/proc/" + std::to_string(id) + "/exe").c_str(), &other) == 0 &&
         ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

/// This process counts in `layout` from now on; nothing that was there stands.
void take(Layout& layout) {
  auto* begin = reinterpret_cast<char*>(&layout.loaded_at);
  auto* end = reinterpret_cast<char*>(&layout.owner);
  std::memset(begin, 0, static_cast<std::size_t>(end - begin));
  layout.longest_wait_ns.store(0, std::memory_order_relaxed);
  layout.cancelled.store(0, std::memory_order_relaxed);
  for (Counter* counter :
       {&layout.recompiled, &layout.waited_ns, &layout.busy_until, &layout.backlog_ns,
        &layout.breaker_changes[0], &layout.breaker_changes[1], &layout.breaker_changes[2]})
    counter->store(0, std::memory_order_relaxed);
  layout.loaded_at.store(monotonic_ns(), std::memory_order_relaxed);
}

/// The command that `jitfarm run` starts may be a script: then the first JVM has the file. When it
/// is a JVM itself, a child of that which is quicker must not.
bool claims(Layout& layout) {
  const auto self = static_cast<std::uint64_t>(::getpid());
  const std::uint64_t owner = layout.owner.load(std::memory_order_acquire);
  if (owner != 0 && owner != self && runs_our_program(owner)) return false;
  std::uint64_t nobody = 0;
  if (!layout.process.compare_exchange_strong(nobody, self)) return false;
  take(layout);
  return true;
}

}  // namespace

std::uint64_t monotonic_ns() {
  timespec t;
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(t.tv_nsec);
}

Result<Layout*> anonymous() {
  void* memory =
      ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(Errc::io_failure, failed("map", "memory"));
  auto* layout = static_cast<Layout*>(memory);  // zero bytes are valid counters
  take(*layout);
  return layout;
}

Result<Layout*> create(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.get() < 0) return fail(Errc::io_failure, failed("create", path));
  return fill(fd, path);
}

Result<Layout*> claim(const std::string& path) {
  Fd fresh(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fresh.get() < 0 && errno != EEXIST) return fail(Errc::io_failure, failed("create", path));
  if (fresh.get() >= 0) {
    JF_TRY(Layout * layout, fill(fresh, path));
    if (!claims(*layout)) return fail(Errc::bad_configuration, path + " was taken at once");
    return layout;
  }
  // O_NONBLOCK: it may be a pipe.
  Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (fd.get() < 0) return fail(Errc::io_failure, failed("open", path));
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return fail(Errc::io_failure, failed("stat", path));
  if (!S_ISREG(info.st_mode) || info.st_size != static_cast<off_t>(sizeof(Layout)))
    return fail(Errc::malformed_frame, path + " is no statistics file");
  JF_TRY(Layout * layout, map_shared(fd, path));
  Status ours = check(*layout, path);
  if (ours && !claims(*layout))
    ours = fail(
        Errc::bad_configuration,
        path + " is process " +
            std::to_string(layout->process ? layout->process.load() : layout->owner.load()) + "'s");
  if (!ours) {
    ::munmap(layout, sizeof(Layout));
    return std::unexpected(std::move(ours).error());
  }
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
  s.cancelled = get(layout.cancelled);
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
  s.worker_queue_seconds = distribution(layout.worker_queue_time, bucket_seconds);
  s.compiler_seconds = distribution(layout.compiler_time, bucket_seconds);
  if (const auto state = layout.agent_state.load(std::memory_order_acquire);
      state <= static_cast<std::uint64_t>(AgentState::refused))
    s.agent = static_cast<AgentState>(state);
  if (s.agent == AgentState::refused)
    s.refusal.assign(layout.refusal, ::strnlen(layout.refusal, sizeof layout.refusal));
  std::uint64_t available = get(layout.available_ns);
  if (const auto since = get(layout.available_since); since != 0 && since < end_ns)
    available += end_ns - since;
  s.available_seconds = static_cast<double>(available) * 1e-9;
  s.trouble.assign(layout.trouble, ::strnlen(layout.trouble, sizeof layout.trouble));
  if (const auto since = get(layout.unavailable_since); since != 0 && since <= end_ns)
    s.unavailable_seconds = static_cast<double>(end_ns - since) * 1e-9;
  s.longest_wait_seconds = static_cast<double>(get(layout.longest_wait_ns)) * 1e-9;
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
  JF_CHECK_OK(check(layout, path));
  return snapshot(layout, end_ns);
}

}  // namespace jitfarm::stats
