// How is one compilation kept, to be repeated without a JVM and a network?
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/code/code_image.h"
#include "common/facts/fact.h"

namespace jitfarm::code {

// 2: compile_task and vm_config lost fields that nobody read.
inline constexpr std::uint32_t kReplayBundleVersion = 2;

/// ReplayBundle::bailout of a compilation that began and did not end: the worker died in it.
inline constexpr std::string_view kUnfinished = "unfinished";

struct ReplayBundle {
  std::uint32_t version = kReplayBundleVersion;
  std::string method;                    ///< "java/lang/String.hashCode()I", for people
  CompileTask task;
  std::vector<facts::Fact> facts;        ///< every fact that was read, vm_config included; ascending key
  std::vector<facts::ShapeBytes> shapes;
  Digest image;                          ///< of the encoded CodeImage; zero when the compilation bailed out
  std::string bailout;                   ///< reason, empty when it compiled; an error's name when the image was not sound
  static constexpr auto kRecord = record(
      "replay_bundle", "A recorded compilation.", field("version", &ReplayBundle::version, "of this format"),
      field("method", &ReplayBundle::method, "for people"), field("task", &ReplayBundle::task, ""),
      field("facts", &ReplayBundle::facts, "as read"), field("shapes", &ReplayBundle::shapes, "class shapes"),
      field("image", &ReplayBundle::image, "digest of the result"), field("bailout", &ReplayBundle::bailout, "reason"));
};

}  // namespace jitfarm::code
