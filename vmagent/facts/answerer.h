// What does the farm get to know about this VM? Facts ahead with a request, and the answer to every
// question.
//
// Facts are read in native state on the compiler thread that waits for the farm. Keys come from the
// network: an id that this VM never gave out, an index out of range or a class that may be unloaded
// meanwhile is answered "not known".
#pragma once
#include <memory>
#include <mutex>
#include <unordered_set>

#include "common/protocol/messages.h"
#include "vmagent/facts/class_table.h"
#include "vmagent/hotspot/adapter.h"

namespace jitfarm::vmagent::facts {

/// One compilation on one thread: what it may read, and for which session.
class Compilation {
 public:
  MethodId root() const { return root_; }
  ClassId holder() const { return holder_; }

 private:
  friend class Answerer;
  MethodId root_;
  ClassId holder_;
  HeldLoaders held_;
  std::vector<hotspot::ClassHold> kept_;  // loaders of `held_` that nothing else keeps
  std::vector<hotspot::ClassHold> kept_forms_;  // same: those of method handles' code, one a class
  SessionId session_;
  std::vector<std::uint64_t> sending_;  // hashes of what request() put in
};

/// One per VM. Any thread; a Compilation belongs to its thread. On JDK 25 one per VM too: nothing
/// in it belongs to a runtime.
class Answerer {
 public:
  /// `adapter` outlives the answerer.
  explicit Answerer(const hotspot::Adapter& adapter) : adapter_(adapter), classes_(adapter) {}
  ClassTable& classes() { return classes_; }

  /// Starts the compilation of a method that HotSpot asked for: its task holds the class. Fails
  /// with class_unreadable when the method cannot be compiled now (redefined meanwhile, a
  /// breakpoint, a static method of a class that is not initialised: HotSpot's own compiled code
  /// checks for that at the entry, ours does not).
  Result<Compilation> begin(jvmci::Env& env, jvmci::Object& method);
  /// The same for a method that was remembered: `hold`, from hold(), keeps its class.
  Result<Compilation> begin(jvmci::Env& env, MethodId method, const hotspot::ClassHold& hold);
  /// Keeps the class of a known method until released; fails when it is gone.
  Result<hotspot::ClassHold> hold(MethodId method);

  /// The request with all facts that the compiler is known to need for the root method, less those
  /// that this session has.
  protocol::CompileRequest request(jvmci::Env& env, Compilation& compilation,
                                   std::int32_t entry_bci, SessionId session);
  /// The farm has worked on the request, so the session has its facts: they are not sent again. Not
  /// after a failure, which says nothing about where they got lost.
  void delivered(const Compilation& compilation);
  /// An answer for every key, and the shapes that were asked for. A worker that asks for what was
  /// sent is another than we thought: it gets the facts of request() as well, and everybody's next
  /// request is complete again.
  protocol::FactAnswer answer(jvmci::Env& env, Compilation& compilation,
                              const protocol::FactQuery& query);

  // ---- for the installer, inside a compilation: only what is alive and not replaced by a
  // redefinition

  Result<hotspot::KlassRef> klass(Compilation& compilation, ClassId id) const;
  Result<hotspot::MethodRef> method(Compilation& compilation, MethodId id) const;
  /// HotSpotResolvedJavaMethodImpl, a local of the current frame.
  Result<jvmci::Object*> method_object(jvmci::Env& env, Compilation& compilation,
                                       MethodId id) const;
  /// HotSpotResolvedObjectTypeImpl, a local of the current frame.
  Result<jvmci::Object*> type_object(jvmci::Env& env, Compilation& compilation, ClassId id) const;
  /// Strong handles: release them soon after the installation, they keep class loaders.
  Result<hotspot::ObjectConstant> mirror(jvmci::Env& env, Compilation& compilation,
                                         ClassId id) const;
  Result<hotspot::ObjectConstant> pool_object(jvmci::Env& env, Compilation& compilation, ClassId id,
                                              std::uint32_t index) const;

  Result<hotspot::ObjectConstant> reference(jvmci::Env& env, Compilation& compilation, ClassId id,
                                            std::uint32_t index) const;

  static constexpr std::size_t kKeysMax =
      8192;  // of one question: a method has at most 64 Ki of code, 3 bytes an operand
  static constexpr std::size_t kSentMax =
      1u << 16;  // hashes of facts and shapes remembered as sent, 2 MiB at most

 private:
  struct Reading;  // one request or answer in the making
  /// A class that is alive until the compilation ends and still in the version of its id; else
  /// nullopt.
  std::optional<ClassEntry> current(Compilation& compilation, ClassId id) const;
  /// The method now, in a class that is alive.
  std::optional<hotspot::MethodRef> method_of(const MethodEntry& entry,
                                              hotspot::KlassRef holder) const;

  const hotspot::Adapter& adapter_;
  mutable ClassTable classes_;

  // What the worker of the session has, as far as we know. A guess: it costs a question or some
  // bytes when it is wrong.
  std::mutex sent_mutex_;
  SessionId sent_session_;
  std::unordered_set<std::uint64_t> sent_;
};

}  // namespace jitfarm::vmagent::facts
