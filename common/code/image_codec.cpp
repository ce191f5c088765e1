#include "common/code/image_codec.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "common/wire/codec.h"

namespace jitfarm::code {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {'J', 'F', 'B', 'U', 'N', 'D', 'L', 'E'};
constexpr std::size_t kLengthBytes = 8;  // little endian

// Decoded inside a JVM: 32 MiB are some 200,000 frame values with their tokens, thirty times a
// large method.
constexpr wire::Limits kImageLimits{
    .body_bytes = 16u << 20, .binary_bytes = kTextBytesMax, .memory_bytes = 32u << 20};
constexpr wire::Limits kBundleLimits{
    .body_bytes = kBundleBytesMax, .blobs = 1u << 16, .blob_bytes = kBundleBytesMax};

void append(Bytes& out, ByteView part) {
  std::uint64_t length = part.size();
  if constexpr (std::endian::native == std::endian::big) length = std::byteswap(length);
  const std::size_t at = out.size();
  out.resize(at + kLengthBytes + part.size());
  std::memcpy(out.data() + at, &length, kLengthBytes);
  if (!part.empty()) std::memcpy(out.data() + at + kLengthBytes, part.data(), part.size());
}

/// The next counted part, consumed.
Result<ByteView> take(ByteView& bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < kLengthBytes)
    return fail(Errc::malformed_frame, "replay bundle: it is cut short");
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if constexpr (std::endian::native == std::endian::big) length = std::byteswap(length);
  bytes = bytes.subspan(kLengthBytes);
  if (length > bytes.size())
    return fail(Errc::malformed_frame, "replay bundle: a part of " + std::to_string(length) +
                                           " bytes where " + std::to_string(bytes.size()) +
                                           " are left");
  const ByteView part = bytes.first(length);
  bytes = bytes.subspan(length);
  return part;
}

Error io_error(std::string_view what, const std::string& path) {
  return {Errc::io_failure,
          std::string(what) + " " + path + ": " + std::generic_category().message(errno)};
}

/// A file descriptor, closed at the end of its life.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Status write_all(int fd, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(io_error("cannot write", path));
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

Bytes encode(const CodeImage& image) { return wire::encode(image).body; }

Result<CodeImage> decode_image(ByteView bytes) {
  Result<CodeImage> image = wire::decode<CodeImage>(bytes, {}, kImageLimits);
  if (!image) return fail(Errc::invalid_code_image, std::move(image).error().detail);
  if (image->version != kCodeImageVersion)
    return fail(Errc::invalid_code_image, "code_image of version " +
                                              std::to_string(image->version) + ", known is " +
                                              std::to_string(kCodeImageVersion));
  return image;
}

Bytes encode(const ReplayBundle& bundle) {
  const wire::Encoded encoded = wire::encode(bundle);
  Bytes out(kMagic.begin(), kMagic.end());
  append(out, encoded.body);
  for (const Blob& blob : encoded.blobs) append(out, blob.view());
  return out;
}

Result<ReplayBundle> decode_bundle(ByteView bytes) {
  if (bytes.size() > kBundleBytesMax)
    return fail(Errc::limit_exceeded, "replay bundle: " + std::to_string(bytes.size()) +
                                          " bytes, the limit is " +
                                          std::to_string(kBundleBytesMax));
  if (bytes.size() < kMagic.size() || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    return fail(Errc::malformed_frame, "replay bundle: it does not begin with JFBUNDLE");
  bytes = bytes.subspan(kMagic.size());
  JF_TRY(const ByteView body, take(bytes));
  std::vector<Blob> blobs;
  while (!bytes.empty()) {
    if (blobs.size() == kBundleLimits.blobs)
      return fail(Errc::limit_exceeded,
                  "replay bundle: more than " + std::to_string(kBundleLimits.blobs) + " blobs");
    JF_TRY(const ByteView part, take(bytes));
    blobs.emplace_back(Bytes(part.begin(), part.end()));
  }
  JF_TRY(ReplayBundle bundle, wire::decode<ReplayBundle>(body, blobs, kBundleLimits));
  if (bundle.version != kReplayBundleVersion)
    return fail(Errc::malformed_frame, "replay bundle: version " + std::to_string(bundle.version) +
                                           ", known is " + std::to_string(kReplayBundleVersion));
  return bundle;
}

Result<ReplayBundle> read_bundle(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!file || ::fstat(file.fd(), &status) != 0)
    return std::unexpected(io_error("cannot open", path));
  if (!S_ISREG(status.st_mode)) return fail(Errc::io_failure, path + " is not a file");
  if (static_cast<std::uint64_t>(status.st_size) > kBundleBytesMax)
    return fail(Errc::limit_exceeded, path + " has " + std::to_string(status.st_size) +
                                          " bytes, the limit is " +
                                          std::to_string(kBundleBytesMax));
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = ::read(file.fd(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(io_error("cannot read", path));
    if (n == 0) break;  // it shrank meanwhile
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return decode_bundle(bytes);
}

Status write_bundle(const std::string& path, const ReplayBundle& bundle) {
  const Bytes bytes = encode(bundle);
  std::string temporary = path + ".XXXXXX";
  const File file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return std::unexpected(io_error("cannot create", temporary));
  Status written = write_all(file.fd(), bytes, temporary);
  if (written && ::fchmod(file.fd(), 0644) != 0)
    written = std::unexpected(io_error("cannot set the mode of", temporary));
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = std::unexpected(io_error("cannot rename to", path));
  if (!written) ::unlink(temporary.c_str());
  return written;
}

}  // namespace jitfarm::code
