// What happens on a pool thread? One run of the pure compiler, and what must be done with its
// result there.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "common/base/clock.h"
#include "common/base/id.h"
#include "worker/compiler/compiler.h"
#include "worker/job/faults.h"
#include "worker/session/snapshot.h"

namespace jitfarm::worker::job {

/// compiler::compile, or a stand-in of a test. Called on pool threads, several at once.
using CompileFn =
    std::function<compiler::Outcome(const code::CompileTask&, const compiler::FactSource&)>;

/// When a run began and whether it is over; the watch reads it from the scheduler thread.
struct RunClock {
  static constexpr std::int64_t kNotStarted = INT64_MIN;
  std::atomic<std::int64_t> started_ns{kNotStarted};  ///< of Clock::now()
  std::atomic<bool> finished{false};
};

struct RunInput {
  CompileFn compile;
  const Clock* clock = nullptr;
  code::CompileTask task;
  std::shared_ptr<session::Snapshot> facts;
  SessionId session;
  RequestId request;
  std::string method_name;
  std::string record_dir;  ///< empty: nothing is recorded
  Faults faults;
  std::shared_ptr<RunClock> times;
};

/// An encoded and verified CodeImage.
struct Image {
  Blob bytes;
};
using RunResult = std::variant<Image, compiler::MissingFacts, code::Bailout, Error>;

/// Compiles, verifies, encodes and records. A CodeImage that breaks a rule of its format is our own
/// bug: Error invalid_code_image.
RunResult run_compiler(const RunInput& input);

/// "s7-r42-java.lang.String.hashCode.jfreplay": letters, digits, dot, minus and underscore; at most
/// 200 characters.
std::string bundle_file_name(SessionId session, RequestId request, std::string_view method_name);

}  // namespace jitfarm::worker::job
