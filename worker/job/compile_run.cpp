// How does a run of the compiler become a reply, and a replay bundle on the way?
#include "worker/job/compile_run.h"

#include <cstdlib>

#include "common/base/log.h"
#include "common/code/image_codec.h"

namespace jitfarm::worker::job {
namespace {

/// `image` is null when there is none; then `ending` says why.
void record(const RunInput& input, const Bytes* image, std::string ending) {
  if (input.record_dir.empty()) return;
  code::ReplayBundle bundle;
  bundle.method = input.method_name;
  bundle.task = input.task;
  bundle.facts = input.facts->facts_read();
  bundle.shapes = input.facts->shapes_read();
  if (image) bundle.image = digest_of(*image);
  bundle.bailout = std::move(ending);
  const std::string path =
      input.record_dir + "/" + bundle_file_name(input.session, input.request, input.method_name);
  if (const Status written = code::write_bundle(path, bundle); !written)
    spdlog::warn("a compilation is not recorded: {}", written.error().message());
}

/// The snapshot, with what has to happen when the compiler stops reading: from here on a crash
/// inside LLVM takes the process with it, so the bundle that repeats it is written before.
class WatchedFacts final : public compiler::FactSource {
 public:
  explicit WatchedFacts(const RunInput& input) : input_(input) {}
  const facts::Fact* find(const facts::FactKey& key) const override {
    return input_.facts->find(key);
  }
  ByteView shape(const Digest& digest) const override { return input_.facts->shape(digest); }
  void all_read() const override {
    record(input_, nullptr, std::string(code::kUnfinished));
    const std::string& crash = input_.faults.crash_on_method;
    if (!crash.empty() && input_.method_name.find(crash) != std::string::npos) std::abort();
  }

 private:
  const RunInput& input_;
};

void spoil(code::CodeImage& image) {
  code::Site site = image.sites.empty() ? code::Site{} : image.sites.back();
  site.offset = static_cast<std::uint32_t>(image.text.size()) + 4096;
  site.size = 8;
  image.sites.push_back(site);
}

}  // namespace

RunResult run_compiler(const RunInput& input) {
  const LogAbout about(input.session, input.request);
  input.times->started_ns.store(input.clock->now().time_since_epoch().count(),
                                std::memory_order_relaxed);
  input.facts->forget_reads();
  compiler::Outcome outcome = input.compile(input.task, WatchedFacts(input));
  RunResult result;
  if (auto* missing = std::get_if<compiler::MissingFacts>(&outcome)) {
    result = std::move(*missing);
  } else if (auto* bailout = std::get_if<code::Bailout>(&outcome)) {
    record(input, nullptr, std::string(code::name(bailout->reason)));
    result = std::move(*bailout);
  } else {
    auto& image = std::get<code::CodeImage>(outcome);
    if (input.faults.out_of_range_sites) {
      spoil(image);
      result = Image{Blob(code::encode(image))};
    } else if (const Status sound = code::verify(image); !sound) {
      record(input, nullptr, std::string(name(sound.error().code)));
      result = sound.error();
    } else {
      Bytes bytes = code::encode(image);
      record(input, &bytes, {});
      result = Image{Blob(std::move(bytes))};
    }
  }
  input.times->finished.store(true, std::memory_order_relaxed);
  return result;
}

std::string bundle_file_name(SessionId session, RequestId request, std::string_view method_name) {
  std::string name =
      "s" + std::to_string(session.value) + "-r" + std::to_string(request.value) + "-";
  for (const char c : method_name.substr(0, method_name.find('('))) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    name += plain ? c : '.';
    if (name.size() >= 190) break;
  }
  return name + ".jfreplay";
}

}  // namespace jitfarm::worker::job
