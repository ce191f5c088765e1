#include "tests/bench/clients/recording.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

namespace jitfarm::bench {
namespace {

using protocol::Packet;

class Reader {
 public:
  explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}
  bool done() const { return at_ == bytes_.size(); }
  bool take(void* to, std::size_t size) {
    if (bytes_.size() - at_ < size) return false;
    std::memcpy(to, bytes_.data() + at_, size);
    at_ += size;
    return true;
  }
  Result<Packet> packet() {
    std::uint8_t inwards = 0;
    std::uint32_t count = 0;
    std::vector<Blob> frames;
    bool whole = take(&inwards, 1) && take(&count, 4);
    for (std::uint32_t i = 0; whole && i < count; ++i) {
      std::uint32_t size = 0;
      whole = take(&size, 4) && size <= bytes_.size() - at_;
      if (!whole) break;
      Bytes frame(size);
      whole = take(frame.data(), size);
      frames.emplace_back(std::move(frame));
    }
    if (!whole) return fail(Errc::malformed_frame, "the recording ends in a message");
    return protocol::from_frames(std::move(frames));
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

bool complete(const Compilation& c) {
  return c.request.envelope.type == protocol::CompileRequest::kRecord.id &&
         c.end.envelope.type != 0 && c.questions.size() == c.answers.size();
}

}  // namespace

Result<Recording> Recording::load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::io_failure, file + ": cannot be read");
  Reader reader(std::string(std::istreambuf_iterator<char>(in), {}));
  Recording r;
  std::map<RequestId, Compilation> all;
  while (!reader.done()) {
    JF_TRY(Packet packet, reader.packet());
    const std::uint16_t type = packet.envelope.type;
    Compilation& c = all[packet.envelope.correlation];
    if (type == protocol::Hello::kRecord.id) {
      JF_TRY(r.hello, protocol::read<protocol::Hello>(packet));
    } else if (type == protocol::Telemetry::kRecord.id) {
      JF_TRY(auto telemetry, protocol::read<protocol::Telemetry>(packet));
      r.telemetry.push_back(std::move(telemetry));
    } else if (type == protocol::CompileRequest::kRecord.id) {
      c.request = std::move(packet);
    } else if (type == protocol::FactQuery::kRecord.id) {
      c.questions.push_back(std::move(packet));
    } else if (type == protocol::FactAnswer::kRecord.id) {
      c.answers.push_back(std::move(packet));
    } else if (type == protocol::CompileResult::kRecord.id ||
               type == protocol::CompileFailed::kRecord.id) {
      c.end = std::move(packet);
    } else if (type == protocol::InstallReport::kRecord.id) {
      c.report = std::move(packet);
    }
  }
  for (auto& [request, c] : all) {
    if (!complete(c)) continue;
    r.bytes += c.request.size() + c.end.size() + (c.report ? c.report->size() : 0);
    for (const auto* messages : {&c.questions, &c.answers})
      for (const Packet& p : *messages) r.bytes += p.size();
    r.by_request.emplace(request, r.compilations.size());
    r.compilations.push_back(std::move(c));
  }
  if (r.compilations.empty() || r.telemetry.empty())
    return fail(Errc::malformed_frame, file + ": no whole compilation, or no telemetry, is in it");
  return r;
}

}  // namespace jitfarm::bench
