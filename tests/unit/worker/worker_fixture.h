// A worker's compile service under a manual clock, with a compiler made of a lambda and a client
// made by the test.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/facts/fact_codec.h"
#include "common/protocol/packet.h"
#include "worker/job/compile_service.h"

namespace jitfarm::worker::test {

using facts::FactKey;
using facts::FactKind;

inline FactKey key_of(FactKind kind, std::uint64_t subject, std::uint32_t index = 0,
                      std::uint32_t detail = 0) {
  return {kind, subject, index, detail};
}

/// Small, sound and free of sites: verify() accepts it.
inline code::CodeImage small_image(const code::CompileTask& task) {
  code::CodeImage image;
  image.task = task;
  image.text = Bytes{0x31, 0xc0, 0xe9, 0, 0, 0, 0};  // xor eax, eax; jmp return stub
  image.frame_size = 16;
  image.methods = {task.method};
  image.relocations = {{.kind = code::RelocationKind::rel32_target,
                        .offset = 3,
                        .target = code::Target::return_stub,
                        .addend = -4}};
  return image;
}

/// A compiler that needs the facts `needed`, wave by wave, and then makes small_image().
struct FakeCompiler {
  std::vector<std::vector<FactKey>> waves;  ///< each wave is named when all before it are there
  std::optional<code::Bailout> bailout;
  std::function<void()> during;                            ///< called when all facts are read
  std::function<void(const compiler::FactSource&)> reads;  ///< likewise
  int runs = 0;

  compiler::Outcome operator()(const code::CompileTask& task, const compiler::FactSource& source) {
    ++runs;
    for (const auto& wave : waves) {
      compiler::MissingFacts missing;
      for (const FactKey& key : wave) {
        if (key.kind == FactKind::class_shape) {
          const facts::Fact* info = source.find({FactKind::class_info, key.subject, 0, 0});
          const auto value = info ? facts::decode_value<facts::ClassInfo>(*info)
                                  : Result<facts::ClassInfo>(fail(Errc::facts_missing));
          if (!value || source.shape(value->shape).empty()) missing.keys.push_back(key);
        } else if (!source.find(key)) {
          missing.keys.push_back(key);
        }
      }
      if (!missing.keys.empty()) return missing;
    }
    source.all_read();
    if (during) during();
    if (reads) reads(source);
    if (bailout) return *bailout;
    return small_image(task);
  }
};

class Fixture {
 public:
  explicit Fixture(job::ServiceOptions options = {}) : scheduler_(clock_) {
    options.slots = 0;
    service_ = std::make_unique<job::CompileService>(
        scheduler_, clock_,
        [this](const code::CompileTask& t, const compiler::FactSource& f) {
          return compiler_(t, f);
        },
        [this](protocol::Packet packet) {
          out.push_back(std::move(packet));
          return Status{};
        },
        std::move(options));
  }

  ManualClock& clock() { return clock_; }
  FakeCompiler& compiler() { return compiler_; }
  job::CompileService& service() { return *service_; }
  actor::Scheduler& scheduler() { return scheduler_; }

  void give(const protocol::Packet& packet) {
    service_->on_packet(packet);
    settle();
  }
  void request(std::uint64_t session, std::uint64_t request, std::vector<facts::Fact> facts = {},
               std::uint32_t deadline_ms = 1000) {
    give(protocol::make_packet(
        protocol::CompileRequest{.request = {request},
                                 .task = {.method = {7}},
                                 .facts = std::move(facts),
                                 .shapes = {},
                                 .method_name = "A.b()V"},
        {.session = {session}, .correlation = {request}, .deadline_ms = deadline_ms}));
  }
  void answer(std::uint64_t session, std::uint64_t request, std::uint32_t wave,
              std::vector<facts::Fact> facts, std::vector<facts::ShapeBytes> shapes = {}) {
    give(protocol::make_packet(protocol::FactAnswer{.request = {request},
                                                    .wave = wave,
                                                    .facts = std::move(facts),
                                                    .shapes = std::move(shapes)},
                               {.session = {session}, .correlation = {request}}));
  }
  void cancel(std::uint64_t session, std::uint64_t request) {
    give(protocol::make_packet(protocol::CancelCompile{.request = {request}},
                               {.session = {session}}));
  }
  void close(std::uint64_t session) {
    give(protocol::make_packet(protocol::SessionClosed{.session = {session}}));
  }
  void advance(Duration d) {
    clock_.advance(d);
    settle();
  }
  /// Runs actors and, when `auto_compile`, what is queued for the pool, until nothing moves.
  void settle() {
    for (;;) {
      scheduler_.run_ready();
      if (coordinator_answers && answer_shape_query()) continue;
      if (!auto_compile || !service_->run_one()) break;
    }
  }

  template <protocol::Message M>
  std::optional<M>
  sent() {  ///< the oldest message of this type that was sent and not looked at yet
    for (auto it = out.begin(); it != out.end(); ++it) {
      if (it->envelope.type != M::kRecord.id) continue;
      auto message = protocol::read<M>(*it);
      sought_by = it->envelope.session.value;
      out.erase(it);
      if (message) return *std::move(message);
      return std::nullopt;
    }
    return std::nullopt;
  }

  /// What a coordinator says that has the shapes in `farm` and hears of no other client.
  bool answer_shape_query() {
    const auto query = sent<protocol::ShapeQuery>();
    if (!query) return false;
    protocol::ShapeAnswer answer{.request = query->request, .ask = {}, .shapes = {}};
    for (const Digest& digest : query->digests)
      if (const auto known = farm.find(digest); known != farm.end())
        answer.shapes.push_back({digest, known->second});
      else
        answer.ask.push_back(digest);
    shapes(sought_by, query->request.value, std::move(answer.ask), std::move(answer.shapes));
    return true;
  }
  void shapes(std::uint64_t session, std::uint64_t request, std::vector<Digest> ask,
              std::vector<facts::ShapeBytes> shapes = {}) {
    service_->on_packet(protocol::make_packet(
        protocol::ShapeAnswer{
            .request = {request}, .ask = std::move(ask), .shapes = std::move(shapes)},
        {.session = {session}, .correlation = {request}}));
    scheduler_.run_ready();
  }

  std::deque<protocol::Packet> out;
  std::map<Digest, Blob> farm;
  bool coordinator_answers = true;
  bool auto_compile = true;
  std::uint64_t sought_by = 0;  ///< session of the message that sent() gave last

 private:
  ManualClock clock_;
  FakeCompiler compiler_;
  actor::Scheduler scheduler_;
  std::unique_ptr<job::CompileService> service_;
};

}  // namespace jitfarm::worker::test
