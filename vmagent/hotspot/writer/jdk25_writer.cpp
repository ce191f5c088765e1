// What does CompilerToVM.installCode0 of JDK 25 read? A stream, two byte arrays of the description,
// and a name of the mirror.
#include <fmt/format.h>

#include <map>
#include <tuple>

#include "vmagent/hotspot/writer/code_writer.h"
#include "vmagent/hotspot/writer/jdk25_stream.h"
#include "vmagent/jvmci/natives.h"
#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::hotspot::writer {

namespace {

using namespace jvmci;
using shell::AssembledCode;

constexpr std::string_view kName = "jitfarm";

struct Fields {
  static constexpr std::string_view kCode = "jdk/vm/ci/hotspot/HotSpotCompiledCode";
  static constexpr std::string_view kNmethod = "jdk/vm/ci/hotspot/HotSpotCompiledNmethod";
  static constexpr std::string_view kInstalled = "jdk/vm/ci/code/InstalledCode";
  static constexpr std::string_view kStubMirror = "jdk/vm/ci/hotspot/HotSpotInstalledCode";
  static constexpr std::string_view kMirror = "jdk/vm/ci/hotspot/HotSpotNmethod";
  FieldOf<Object*> targetCode{kCode, "targetCode", "[B"};
  FieldOf<Object*> dataSection{kCode, "dataSection", "[B"};
  FieldOf<jint> id{kNmethod, "id", "I"};
  FieldOf<Object*> failureMessage{kNmethod, "installationFailureMessage", "Ljava/lang/String;"};
  FieldOf<Object*> mirrorName{kInstalled, "name", "Ljava/lang/String;"};
  FieldOf<jlong> codeAddress{kInstalled, "address", "J"};
  FieldOf<jlong> entryPoint{kInstalled, "entryPoint", "J"};
  FieldOf<jlong> codeStart{kStubMirror, "codeStart", "J"};
  FieldOf<jboolean> isDefault{kMirror, "isDefault", "Z"};
  FieldOf<jlong> compileIdSnapshot{kMirror, "compileIdSnapshot", "J"};
  FieldOf<jint> invalidationReason{kMirror, "invalidationReason", "I"};
  FieldOf<jlong> objectHandle{"jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl", "objectHandle",
                              "J"};
  Class& Code = World::get().find_class(kCode);
  Class& Nmethod = World::get().find_class(kNmethod);
  Class& Mirror = World::get().find_class(kMirror);
  Class& StubMirror = World::get().find_class(kStubMirror);
  Class& ObjectConstant =
      World::get().find_class("jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl");
};

const Fields& fields() {
  static const Fields* const f = new Fields;  // never destroyed: compiler threads outlive main
  return *f;
}

/// Asks for each object once: the encoder and the check must see the same handle.
class Names final : public StreamNames {
 public:
  explicit Names(VmObjects& objects) : objects_(objects) {}
  Result<std::uint64_t> method(MethodId id) override { return objects_.method_address(id); }
  Result<std::uint64_t> klass(ClassId id) override { return objects_.class_address(id); }
  Result<std::uint64_t> object(const code::Constant& c) override {
    const std::tuple key{c.kind, c.klass, c.cp_index};
    if (auto it = handles_.find(key); it != handles_.end()) return it->second;
    JF_TRY(Object * object, objects_.object(c));
    if (object == nullptr || &object->klass() != &fields().ObjectConstant)
      return fail(Errc::class_unreadable, "a constant of an unknown form");
    const auto handle = static_cast<std::uint64_t>(fields().objectHandle.get(*object));
    handles_.emplace(key, handle);
    return handle;
  }

 private:
  VmObjects& objects_;
  std::map<std::tuple<code::ConstantKind, ClassId, std::uint32_t>, std::uint64_t> handles_;
};

/// For stubs: they name nothing.
class NoNames final : public StreamNames {
 public:
  Result<std::uint64_t> method(MethodId) override { return none(); }
  Result<std::uint64_t> klass(ClassId) override { return none(); }
  Result<std::uint64_t> object(const code::Constant&) override { return none(); }

 private:
  static std::unexpected<Error> none() {
    return fail(Errc::invalid_code_image, "a stub names something");
  }
};

class Jdk25Writer final : public CodeWriter {
 public:
  Jdk25Writer(const InstallResults& results, const shell::Marks& marks, const StreamTags& tags,
              std::int32_t invalidate_reason)
      : results_(results), marks_(marks), tags_(tags), invalidate_reason_(invalidate_reason) {
    fields();
  }

  Result<Written> install(Env& env, VmObjects& objects,
                          const MethodCode& method_code) const override {
    const Fields& f = fields();
    LocalFrame frame(env);
    Names names(objects);
    JF_TRY(const Bytes stream,
           stream_of({.code = method_code.code,
                      .marks = marks_,
                      .image = &method_code.image,
                      .name = kName,
                      .compile_state = static_cast<std::uint64_t>(method_code.compile_state),
                      .compile_id = method_code.compile_id},
                     names));
    Object* nmethod = env.make(f.Nmethod);
    f.id.set(*nmethod, method_code.compile_id);
    Object* mirror = env.make(f.Mirror);
    f.mirrorName.set(*mirror, env.make_string(kName));
    f.isDefault.set(*mirror, JNI_TRUE);
    f.compileIdSnapshot.set(*mirror, method_code.compile_id);
    constexpr jint kNotInvalidated = -1;
    f.invalidationReason.set(*mirror, kNotInvalidated);

    auto answer = call_install(env, stream, method_code.code, nmethod, mirror);
    Written written;
    if (!answer) {
      written.detail = answer.error().message();
      return written;
    }
    Object* message = f.failureMessage.get(*nmethod);
    if (message && message->kind() == ObjectKind::string)
      written.detail = std::string(message->text());
    written.answer = results_.answer(*answer);
    if (written.answer == Answer::refused)
      written.detail += fmt::format(" (installCode0 answered {})", *answer);
    if (written.answer == Answer::installed) {
      written.code_begin = static_cast<std::uint64_t>(f.codeStart.get(*mirror));
      written.mirror = jvmci::Ref::share(mirror);
    }
    return written;
  }

  Result<std::uint64_t> install_stub(Env& env, const AssembledCode& code,
                                     std::string_view name) const override {
    const Fields& f = fields();
    LocalFrame frame(env);
    NoNames none;
    JF_TRY(const Bytes stream,
           stream_of({.code = code, .marks = marks_, .name = name}, none));
    Object* mirror = env.make(f.StubMirror);
    f.mirrorName.set(*mirror, env.make_string(name));
    JF_TRY(jint answer, call_install(env, stream, code, env.make(f.Code), mirror));
    const auto begin = static_cast<std::uint64_t>(f.codeStart.get(*mirror));
    if (answer != results_.ok || begin == 0)
      return fail(Errc::install_refused,
                  fmt::format("stub {}: installCode0 answered {}", name, answer));
    return begin;
  }

  Result<std::int32_t> allocate_compile_id(Env& env, Object& method,
                                           std::uint64_t address) const override {
    JF_TRY(jint id, allocate_compile_id_(env, &method, static_cast<jlong>(address),
                                         code::kNormalEntry));
    return id;
  }

  Result<Liveness> liveness(Env& env, Object& mirror) const override {
    // The VM does not write into our mirrors when code dies; this native makes it look.
    JF_CHECK_OK(update_(env, &mirror));
    return fields().codeAddress.get(mirror) != 0 && fields().entryPoint.get(mirror) != 0
               ? Liveness::in_use
               : Liveness::invalidated;
  }

  Status invalidate(Env& env, Object& mirror) const override {
    constexpr bool kDeoptimise = true;
    return invalidate_(env, &mirror, kDeoptimise, invalidate_reason_);
  }

  bool complete() const { return install_ && allocate_compile_id_ && update_ && invalidate_; }

 private:
  /// HotSpot ends the VM at a stream that is wrong: it is read once more first.
  Result<Bytes> stream_of(const StreamContent& content, StreamNames& names) const {
    JF_TRY(Bytes stream, encode_stream(tags_, content, names));
    JF_CHECK_OK(check_stream(tags_, content, names, stream));
    return stream;
  }

  Result<jint> call_install(Env& env, const Bytes& stream, const AssembledCode& code,
                            Object* description, Object* mirror) const {
    const Fields& f = fields();
    f.targetCode.set(*description, env.make_bytes(code.code));
    f.dataSection.set(*description, env.make_bytes(code.data));
    constexpr jlong kEncodingTime = 0;
    constexpr bool kTypeNames = false;
    constexpr jlong kNoSpeculationLog = 0;
    return install_(env, reinterpret_cast<jlong>(stream.data()), kEncodingTime, kTypeNames,
                    description, nullptr, mirror, kNoSpeculationLog, env.make_bytes({}));
  }

  const InstallResults results_;
  const shell::Marks marks_;
  const StreamTags tags_;
  const std::int32_t invalidate_reason_;
  Native<jint(jlong, jlong, bool, Object*, Object*, Object*, jlong, Object*)> install_{
      "installCode0"};
  Native<jint(Object*, jlong, jint)> allocate_compile_id_{"allocateCompileId"};
  Native<void(Object*)> update_{"updateHotSpotNmethod"};
  Native<void(Object*, bool, jint)> invalidate_{"invalidateHotSpotNmethod"};
};

}  // namespace

Result<std::unique_ptr<CodeWriter>> make_jdk25_writer(const InstallResults& results,
                                                      const shell::Marks& marks,
                                                      const StreamTags& tags,
                                                      std::int32_t invalidate_reason) {
  auto writer = std::make_unique<Jdk25Writer>(results, marks, tags, invalidate_reason);
  if (!writer->complete())
    return fail(Errc::vm_unsupported, "the VM lacks natives for installing code");
  return writer;
}

}  // namespace jitfarm::vmagent::hotspot::writer
