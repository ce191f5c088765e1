// Do CodeImages and replay bundles survive bytes and files, and are damaged files refused?
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/code/image_codec.h"
#include "tests/support/random_value.h"

namespace jitfarm::code {
namespace {

constexpr std::uint64_t kSeed = 42;

/// A directory of its own, gone with the test.
class Scratch {
 public:
  Scratch() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "jitfarm_bundle_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

ReplayBundle random_bundle(std::uint64_t seed) {
  test::Random random(seed);
  auto bundle = test::random_record<ReplayBundle>(random);
  bundle.version = kReplayBundleVersion;
  bundle.shapes.push_back({{}, Blob(Bytes{1, 2, 3})});
  return bundle;
}

void write_bytes(const std::string& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

TEST_CASE("image codec: a CodeImage of our version comes back, another version does not",
          "[code]") {
  test::Random random(kSeed);
  auto image = test::random_record<CodeImage>(random);
  image.version = kCodeImageVersion;
  const auto decoded = decode_image(encode(image));
  REQUIRE(decoded);
  CHECK(*decoded == image);
  image.version = 9;
  CHECK(decode_image(encode(image)).error().detail == "code_image of version 9, known is 1");
}

TEST_CASE("image codec: garbage costs the method, not the session", "[code]") {
  const auto decoded = decode_image(Bytes{1, 2, 3});
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == Errc::invalid_code_image);
  CHECK(disposition(decoded.error().code) == Disposition::leave_to_jvm);
}

TEST_CASE("bundle: it comes back from a file", "[code]") {
  const Scratch scratch;
  const std::string path = scratch.file("a.jfb");
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    INFO("seed " << seed);
    const ReplayBundle bundle = random_bundle(seed);
    REQUIRE(write_bundle(path, bundle));
    const auto read = read_bundle(path);
    REQUIRE(read);
    CHECK(encode(*read) == encode(bundle));
    CHECK(read->method == bundle.method);
    CHECK(read->shapes == bundle.shapes);
  }
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.path()), {}) ==
        1);  // no temporary is left
}

TEST_CASE("bundle: a file that is cut, extended or of another kind is refused", "[code]") {
  const Bytes good = encode(random_bundle(kSeed));
  REQUIRE(decode_bundle(good));
  for (std::size_t cut = 0; cut < good.size(); cut += 1 + cut / 50)
    REQUIRE_FALSE(decode_bundle(ByteView(good).first(cut)));
  Bytes longer = good;
  longer.push_back(0);
  CHECK(decode_bundle(longer).error().detail == "replay bundle: it is cut short");
  Bytes blob_too_many = good;
  blob_too_many.resize(blob_too_many.size() + 8);
  CHECK(decode_bundle(blob_too_many).error().detail == "replay_bundle: 1 blobs are not used");
  Bytes other = good;
  other[0] = 'X';
  CHECK(decode_bundle(other).error().detail == "replay bundle: it does not begin with JFBUNDLE");
  Bytes huge = good;
  huge[15] = 0xff;  // top byte of the body's length
  CHECK(decode_bundle(huge).error().code == Errc::malformed_frame);
}

TEST_CASE("bundle: another version is refused", "[code]") {
  ReplayBundle bundle = random_bundle(kSeed);
  bundle.version = 9;
  CHECK(decode_bundle(encode(bundle)).error().detail == "replay bundle: version 9, known is 2");
}

TEST_CASE("bundle: errors of the file system name path and cause", "[code]") {
  const Scratch scratch;
  const auto missing = read_bundle(scratch.file("none.jfb"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::io_failure);
  CHECK(missing.error().detail ==
        "cannot open " + scratch.file("none.jfb") + ": No such file or directory");
  CHECK(read_bundle(scratch.path().string()).error().detail ==
        scratch.path().string() + " is not a file");
  CHECK(write_bundle(scratch.file("no/such/dir.jfb"), {}).error().code == Errc::io_failure);
  write_bytes(scratch.file("empty.jfb"), {});
  CHECK(read_bundle(scratch.file("empty.jfb")).error().code == Errc::malformed_frame);
}

TEST_CASE("bundle: writing replaces the old file as a whole", "[code]") {
  const Scratch scratch;
  const std::string path = scratch.file("a.jfb");
  write_bytes(path, Bytes(1'000'000, 7));
  const ReplayBundle bundle = random_bundle(7);
  REQUIRE(write_bundle(path, bundle));
  CHECK(std::filesystem::file_size(path) == encode(bundle).size());
  CHECK(read_bundle(path));
}

}  // namespace
}  // namespace jitfarm::code
