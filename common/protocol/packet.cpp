#include "common/protocol/packet.h"

#include <iterator>

namespace jitfarm::protocol {

std::size_t Packet::size() const {
  std::size_t bytes = wire::encoded_size(envelope) + body.size();
  for (const Blob& b : blobs) bytes += b.size();
  return bytes;
}

std::vector<Blob> to_frames(const Packet& packet) {
  std::vector<Blob> frames;
  frames.reserve(2 + packet.blobs.size());
  frames.emplace_back(wire::encode(packet.envelope).body);
  frames.push_back(packet.body);
  frames.insert(frames.end(), packet.blobs.begin(), packet.blobs.end());
  return frames;
}

Result<Packet> from_frames(std::vector<Blob> frames) {
  if (frames.size() < 2)
    return fail(Errc::malformed_frame, "a message of " + std::to_string(frames.size()) + " frames");
  constexpr wire::Limits kEnvelopeLimits{.body_bytes = 256, .array_elements = 64};
  JF_TRY(const Envelope envelope, wire::decode<Envelope>(frames[0].view(), {}, kEnvelopeLimits));
  JF_CHECK_OK(wire::detail::check_frames(message_name(envelope.type), frames[1].view(),
                                         std::span(frames).subspan(2), wire::Limits{}));
  Packet packet{envelope, std::move(frames[1]), {}};
  packet.blobs.assign(std::make_move_iterator(frames.begin() + 2),
                      std::make_move_iterator(frames.end()));
  return packet;
}

}  // namespace jitfarm::protocol
