// How does a message become a packet, and a packet frames? Routing decodes the envelope only.
#pragma once
#include <vector>

#include "common/protocol/catalogue.h"
#include "common/protocol/envelope.h"
#include "common/wire/codec.h"

namespace jitfarm::protocol {

/// `envelope.type` is filled in; the other fields are the caller's.
template <Message M>
Packet make_packet(const M& message, Envelope envelope = {}) {
  envelope.type = M::kRecord.id;
  wire::Encoded encoded = wire::encode(message);
  return {envelope, Blob(std::move(encoded.body)), std::move(encoded.blobs)};
}

/// unexpected_message when the packet is of another type, else what wire::decode says. Blobs in the
/// message share the packet's memory.
template <Message M>
Result<M> read(const Packet& packet) {
  if (packet.envelope.type != M::kRecord.id)
    return fail(Errc::unexpected_message,
                std::string(message_name(packet.envelope.type)) + " where " + std::string(M::kRecord.name) + " belongs");
  return wire::decode<M>(packet.body.view(), packet.blobs);
}

/// [envelope][body][blob].., sharing the packet's memory.
std::vector<Blob> to_frames(const Packet& packet);

/// Undoes to_frames. Checks number and size of the frames and decodes the envelope; the body stays as it is. The type
/// may be one that this program does not know: a coordinator drops it, a relay may pass it on.
Result<Packet> from_frames(std::vector<Blob> frames);

}  // namespace jitfarm::protocol
