#include "worker/compiler/replay/replay.h"

#include <fmt/format.h>

#include <unordered_map>

#include "common/code/image_codec.h"

namespace jitfarm::worker::compiler {
namespace {

/// The facts of a bundle. A class shape counts only under the name of its content.
class BundleFacts final : public FactSource {
 public:
  explicit BundleFacts(const code::ReplayBundle& bundle) {
    for (const facts::Fact& fact : bundle.facts) facts_.emplace(fact.key, &fact);
    for (const facts::ShapeBytes& shape : bundle.shapes)
      if (digest_of(shape.bytes.view()) == shape.digest) shapes_.emplace(shape.digest, shape.bytes.view());
  }
  const facts::Fact* find(const facts::FactKey& key) const override {
    const auto found = facts_.find(key);
    return found == facts_.end() ? nullptr : found->second;
  }
  ByteView shape(const Digest& digest) const override {
    const auto found = shapes_.find(digest);
    return found == shapes_.end() ? ByteView{} : found->second;
  }

 private:
  std::unordered_map<facts::FactKey, const facts::Fact*> facts_;
  std::unordered_map<Digest, ByteView> shapes_;
};

std::string missing_text(const MissingFacts& missing) {
  std::string text = fmt::format("asks for {} facts that the bundle does not have", missing.keys.size());
  for (const facts::FactKey& key : missing.keys)
    text += fmt::format("; {} {} index {} detail {}", facts::name(key.kind), key.subject, key.index, key.detail);
  return text;
}

}  // namespace

Replay replay(const code::ReplayBundle& bundle, const Options& options) {
  const BundleFacts facts(bundle);
  Replay result{.outcome = compile(bundle.task, facts, options)};
  if (const auto* image = std::get_if<code::CodeImage>(&result.outcome)) {
    const Digest digest = digest_of(code::encode(*image));
    result.same = digest == bundle.image;
    result.summary = fmt::format("{}: {} bytes of code, image {}", bundle.method, image->text.size(), digest.hex());
    if (!result.same)
      result.summary += bundle.image ? fmt::format(", recorded {}", bundle.image.hex())
                                     : fmt::format(", recorded {}", bundle.bailout);
  } else if (const auto* bailout = std::get_if<code::Bailout>(&result.outcome)) {
    result.same = bundle.bailout == code::name(bailout->reason);
    result.summary = fmt::format("{}: bails out, {}: {}", bundle.method, code::name(bailout->reason), bailout->detail);
    if (!result.same)
      result.summary += fmt::format("; recorded {}", bundle.bailout.empty() ? "an image" : bundle.bailout);
  } else {
    result.summary = fmt::format("{}: {}", bundle.method, missing_text(std::get<MissingFacts>(result.outcome)));
  }
  if (bundle.bailout == code::kUnfinished) {
    result.same = true;
    result.summary += "; the recorded compilation did not end";
  }
  return result;
}

}  // namespace jitfarm::worker::compiler
