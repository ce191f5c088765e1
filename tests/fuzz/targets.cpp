#include "tests/fuzz/targets.h"

#include "common/code/image_codec.h"
#include "common/protocol/handshake.h"
#include "common/protocol/packet.h"
#include "tests/support/random_value.h"
#include "tests/support/stored_records.h"

namespace jitfarm::fuzz {
namespace {

/// Empty when `value` encodes to something that decodes to the same.
template <wire::Record T>
std::string check_stable(const T& value) {
  const wire::Encoded encoded = wire::encode(value);
  const auto again = wire::decode<T>(encoded.body, encoded.blobs);
  if (!again) return "an accepted value does not decode again: " + again.error().message();
  if (wire::encode(*again).body != encoded.body)
    return "an accepted value changes when it is encoded again";
  return "";
}

template <wire::Record T>
Verdict feed_record(const Input& input) {
  const auto value = wire::decode<T>(input.body, input.blobs);
  if (!value) return {};
  return {true, check_stable(*value)};
}
template <wire::Record T>
Input sample_record(std::uint64_t seed) {
  test::Random random(seed);
  wire::Encoded encoded = wire::encode(test::random_record<T>(random));
  return {std::move(encoded.body), std::move(encoded.blobs)};
}

// A message travels as [envelope][body][blob]..; here the body is the input's, the envelope its
// first blob, so that both are mutated.
template <protocol::Message M>
Verdict feed_message(const Input& input) {
  std::vector<Blob> frames;
  if (!input.blobs.empty()) frames.push_back(input.blobs[0]);
  frames.emplace_back(input.body);
  if (input.blobs.size() > 1)
    frames.insert(frames.end(), input.blobs.begin() + 1, input.blobs.end());
  auto packet = protocol::from_frames(std::move(frames));
  if (!packet) return {};
  std::string wrong = check_stable(packet->envelope);
  packet->envelope.type =
      M::kRecord.id;  // else most mutations of the envelope would spare the body
  const auto message = protocol::read<M>(*packet);
  if (!message) return {false, wrong};
  if constexpr (std::same_as<M, protocol::Hello>) (void)protocol::negotiate(*message, {});
  if constexpr (std::same_as<M, protocol::Welcome>) (void)protocol::accept_welcome(*message, {});
  if constexpr (std::same_as<M, protocol::Refuse>) (void)protocol::refused(*message, {});
  return {true, wrong + check_stable(*message)};
}
template <protocol::Message M>
Input sample_message(std::uint64_t seed) {
  test::Random random(seed);
  const auto packet = protocol::make_packet(test::random_record<M>(random),
                                            test::random_record<protocol::Envelope>(random));
  Input input{{packet.body.view().begin(), packet.body.view().end()},
              {Blob(wire::encode(packet.envelope).body)}};
  input.blobs.insert(input.blobs.end(), packet.blobs.begin(), packet.blobs.end());
  return input;
}

Verdict feed_image(const Input& input) {
  const auto image = code::decode_image(input.body);
  if (!image) return {};
  (void)code::verify(*image);
  return {true, check_stable(*image)};
}

Verdict feed_bundle(const Input& input) {
  const auto bundle = code::decode_bundle(input.body);
  if (!bundle) return {};
  return {true, code::decode_bundle(code::encode(*bundle))
                    ? ""
                    : "an accepted bundle does not decode again"};
}
Input sample_bundle(std::uint64_t seed) {
  test::Random random(seed);
  auto bundle = test::random_record<code::ReplayBundle>(random);
  bundle.version = code::kReplayBundleVersion;
  return {code::encode(bundle), {}};
}

std::vector<Target> all_targets() {
  std::vector<Target> all;
  protocol::AllMessages::for_each([&]<protocol::Message M>() {
    all.push_back({M::kRecord.name, feed_message<M>, sample_message<M>});
  });
  test::for_each_stored_record([&]<wire::Record T>() {
    all.push_back({T::kRecord.name, feed_record<T>, sample_record<T>});
  });
  all.push_back({"code_image_verified", feed_image, [](std::uint64_t seed) {
                   test::Random random(seed);
                   auto image = test::random_record<code::CodeImage>(random);
                   image.version = code::kCodeImageVersion;
                   return Input{code::encode(image), {}};
                 }});
  all.push_back({"replay_bundle_file", feed_bundle, sample_bundle});
  return all;
}

}  // namespace

std::span<const Target> targets() {
  static const std::vector<Target> kAll = all_targets();
  return kAll;
}

}  // namespace jitfarm::fuzz
