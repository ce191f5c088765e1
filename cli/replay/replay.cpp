#include "cli/replay/replay.h"

#include <fmt/format.h>
#include <time.h>

#include <cstdio>
#include <fstream>
#include <variant>

#include "cli/replay/bundle_text.h"
#include "common/code/image_codec.h"
#include "worker/compiler/replay/replay.h"

namespace jitfarm::cli {
namespace {

std::uint64_t cpu_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(t.tv_nsec);
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Status write_image(const std::string& path, const code::CodeImage& image) {
  const Bytes bytes = code::encode(image);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.flush();
  if (!out) return fail(Errc::io_failure, "cannot write " + path);
  return {};
}

}  // namespace

Status replay(const ReplayOptions& options) {
  auto bundle = code::read_bundle(options.bundle);
  if (!bundle) return fail(bundle.error().code, options.bundle + ": " + bundle.error().detail);
  worker::compiler::Options compiler;
  const std::string stage = options.print == "asm" ? "assembly" : options.print;
  bool reached = false;
  if (stage == "bundle")
    print(bundle_text(*bundle));
  else if (!stage.empty())
    compiler.dump = [&](std::string_view name, std::string_view text) {
      if (name != stage) return;
      print(text);
      reached = true;
    };
  if (options.times) {
    compiler.now_ns = cpu_ns;
    compiler.timed = [](std::string_view name, std::uint64_t ns) {
      std::printf("%-12.*s %9.3f ms\n", static_cast<int>(name.size()), name.data(),
                  static_cast<double>(ns) * 1e-6);
    };
  }
  auto result = worker::compiler::replay(*bundle, compiler);
  if (!stage.empty() && stage != "bundle" && !reached)
    print(fmt::format("the compilation ended before stage '{}'\n{}", options.print,
                      bundle_text(*bundle)));
  if (!reached)
    print(result.summary + (result.same && bundle->image ? ": same bytes as recorded\n" : "\n"));
  if (!options.image.empty()) {
    const auto* image = std::get_if<code::CodeImage>(&result.outcome);
    if (!image)
      return fail(Errc::bad_configuration, "there is no image to write: " + result.summary);
    JF_CHECK_OK(write_image(options.image, *image));
  }
  if (!result.same)
    return fail(Errc::compiler_failure,
                options.bundle + ": not what was recorded: " + result.summary);
  return {};
}

}  // namespace jitfarm::cli
