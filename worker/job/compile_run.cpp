// How does a run of the compiler become a reply, and a replay bundle on the way?
#include "worker/job/compile_run.h"

#include <cstdlib>

#include "common/base/log.h"
#include "common/code/image_codec.h"

namespace jitfarm::worker::job {
namespace {

void record(const RunInput& input, const Bytes* image, std::string bailout) {
  code::ReplayBundle bundle;
  bundle.method = input.method_name;
  bundle.task = input.task;
  bundle.facts = input.facts->facts_read();
  bundle.shapes = input.facts->shapes_read();
  if (image) bundle.image = digest_of(*image);
  bundle.bailout = std::move(bailout);
  const std::string path =
      input.record_dir + "/" + bundle_file_name(input.session, input.request, input.method_name);
  if (const Status written = code::write_bundle(path, bundle); !written)
    spdlog::warn("a compilation is not recorded: {}", written.error().message());
}

void spoil(code::CodeImage& image) {
  code::Site site = image.sites.empty() ? code::Site{} : image.sites.back();
  site.offset = static_cast<std::uint32_t>(image.text.size()) + 4096;
  site.size = 8;
  image.sites.push_back(site);
}

}  // namespace

RunResult run_compiler(const RunInput& input) {
  input.times->started_ns.store(input.clock->now().time_since_epoch().count(),
                                std::memory_order_relaxed);
  const std::string& crash = input.faults.crash_on_method;
  if (!crash.empty() && input.method_name.find(crash) != std::string::npos) std::abort();

  input.facts->forget_reads();
  compiler::Outcome outcome = input.compile(input.task, *input.facts);
  RunResult result;
  if (auto* missing = std::get_if<compiler::MissingFacts>(&outcome)) {
    result = std::move(*missing);
  } else if (auto* bailout = std::get_if<code::Bailout>(&outcome)) {
    if (!input.record_dir.empty()) record(input, nullptr, std::string(code::name(bailout->reason)));
    result = std::move(*bailout);
  } else {
    auto& image = std::get<code::CodeImage>(outcome);
    if (input.faults.out_of_range_sites) {
      spoil(image);
      result = Image{Blob(code::encode(image))};
    } else if (const Status sound = code::verify(image); !sound) {
      result = sound.error();
    } else {
      Bytes bytes = code::encode(image);
      if (!input.record_dir.empty()) record(input, &bytes, {});
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
