// What does CompilerToVM.installCode of JDK 17 read? A HotSpotCompiledNmethod and the graph of
// objects below it.
#include <fmt/format.h>

#include <vector>

#include "vmagent/hotspot/writer/code_writer.h"
#include "vmagent/hotspot/writer/jdk17_debug_info.h"
#include "vmagent/jvmci/natives.h"
#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::hotspot::writer {

namespace {

using namespace jvmci;
using shell::AssembledCode;
using shell::InstallSite;
using shell::InstallSiteKind;

struct Fields {
  static constexpr std::string_view kCode = "jdk/vm/ci/hotspot/HotSpotCompiledCode";
  static constexpr std::string_view kNmethod = "jdk/vm/ci/hotspot/HotSpotCompiledNmethod";
  static constexpr std::string_view kInstalled = "jdk/vm/ci/code/InstalledCode";
  static constexpr std::string_view kMirror = "jdk/vm/ci/hotspot/HotSpotNmethod";
  // the description
  FieldOf<Object*> name{kCode, "name", "Ljava/lang/String;"};
  FieldOf<Object*> targetCode{kCode, "targetCode", "[B"};
  FieldOf<jint> targetCodeSize{kCode, "targetCodeSize", "I"};
  FieldOf<Object*> sites{kCode, "sites", "[Ljdk/vm/ci/code/site/Site;"};
  FieldOf<Object*> assumptions{kCode, "assumptions", "[Ljdk/vm/ci/meta/Assumptions$Assumption;"};
  FieldOf<Object*> methods{kCode, "methods", "[Ljdk/vm/ci/meta/ResolvedJavaMethod;"};
  FieldOf<Object*> comments{kCode, "comments", "[Ljdk/vm/ci/hotspot/HotSpotCompiledCode$Comment;"};
  FieldOf<Object*> dataSection{kCode, "dataSection", "[B"};
  FieldOf<jint> dataSectionAlignment{kCode, "dataSectionAlignment", "I"};
  FieldOf<Object*> dataSectionPatches{kCode, "dataSectionPatches",
                                      "[Ljdk/vm/ci/code/site/DataPatch;"};
  FieldOf<jint> totalFrameSize{kCode, "totalFrameSize", "I"};
  FieldOf<Object*> deoptRescueSlot{kCode, "deoptRescueSlot", "Ljdk/vm/ci/code/StackSlot;"};
  FieldOf<Object*> method{kNmethod, "method", "Ljdk/vm/ci/hotspot/HotSpotResolvedJavaMethod;"};
  FieldOf<jint> entryBCI{kNmethod, "entryBCI", "I"};
  FieldOf<jint> id{kNmethod, "id", "I"};
  FieldOf<jlong> compileState{kNmethod, "compileState", "J"};
  FieldOf<Object*> failureMessage{kNmethod, "installationFailureMessage", "Ljava/lang/String;"};
  // sites
  FieldOf<jint> pcOffset{"jdk/vm/ci/code/site/Site", "pcOffset", "I"};
  FieldOf<Object*> markId{"jdk/vm/ci/code/site/Mark", "id", "Ljava/lang/Object;"};
  FieldOf<Object*> target{"jdk/vm/ci/code/site/Call", "target", "Ljdk/vm/ci/meta/InvokeTarget;"};
  FieldOf<jboolean> direct{"jdk/vm/ci/code/site/Call", "direct", "Z"};
  FieldOf<Object*> reason{"jdk/vm/ci/code/site/Infopoint", "reason",
                          "Ljdk/vm/ci/code/site/InfopointReason;"};
  FieldOf<Object*> debugInfo{"jdk/vm/ci/code/site/Infopoint", "debugInfo",
                             "Ljdk/vm/ci/code/DebugInfo;"};
  FieldOf<jlong> address{"jdk/vm/ci/hotspot/HotSpotForeignCallTarget", "address", "J"};
  FieldOf<Object*> reference{"jdk/vm/ci/code/site/DataPatch", "reference",
                             "Ljdk/vm/ci/code/site/Reference;"};
  FieldOf<jint> dataOffset{"jdk/vm/ci/code/site/DataSectionReference", "offset", "I"};
  FieldOf<Object*> constant{"jdk/vm/ci/code/site/ConstantReference", "constant",
                            "Ljdk/vm/ci/meta/VMConstant;"};
  FieldOf<Object*> metaspaceObject{"jdk/vm/ci/hotspot/HotSpotMetaspaceConstantImpl",
                                   "metaspaceObject", "Ljdk/vm/ci/hotspot/MetaspaceObject;"};
  FieldOf<jint> handlerPos{"jdk/vm/ci/code/site/ExceptionHandler", "handlerPos", "I"};
  FieldOf<Object*> context{"jdk/vm/ci/meta/Assumptions$ConcreteMethod", "context",
                           "Ljdk/vm/ci/meta/ResolvedJavaType;"};
  FieldOf<Object*> impl{"jdk/vm/ci/meta/Assumptions$ConcreteMethod", "impl",
                        "Ljdk/vm/ci/meta/ResolvedJavaMethod;"};
  // the mirror
  FieldOf<Object*> mirrorName{kInstalled, "name", "Ljava/lang/String;"};
  FieldOf<jlong> codeAddress{kInstalled, "address", "J"};
  FieldOf<jlong> entryPoint{kInstalled, "entryPoint", "J"};
  FieldOf<jlong> codeStart{"jdk/vm/ci/hotspot/HotSpotInstalledCode", "codeStart", "J"};
  FieldOf<Object*> mirrorMethod{kMirror, "method",
                                "Ljdk/vm/ci/hotspot/HotSpotResolvedJavaMethodImpl;"};
  FieldOf<jboolean> isDefault{kMirror, "isDefault", "Z"};
  FieldOf<jlong> compileIdSnapshot{kMirror, "compileIdSnapshot", "J"};

  static Class& find(std::string_view name) { return World::get().find_class(name); }
  Class& Code = find(kCode);
  Class& Nmethod = find(kNmethod);
  Class& Mirror = find(kMirror);
  Class& StubMirror = find("jdk/vm/ci/hotspot/HotSpotInstalledCode");
  Class& Site = find("jdk/vm/ci/code/site/Site");
  Class& Mark = find("jdk/vm/ci/code/site/Mark");
  Class& Call = find("jdk/vm/ci/code/site/Call");
  Class& Infopoint = find("jdk/vm/ci/code/site/Infopoint");
  Class& DataPatch = find("jdk/vm/ci/code/site/DataPatch");
  Class& ExceptionHandler = find("jdk/vm/ci/code/site/ExceptionHandler");
  Class& ForeignTarget = find("jdk/vm/ci/hotspot/HotSpotForeignCallTarget");
  Class& DataSectionReference = find("jdk/vm/ci/code/site/DataSectionReference");
  Class& ConstantReference = find("jdk/vm/ci/code/site/ConstantReference");
  Class& MetaspaceConstant = find("jdk/vm/ci/hotspot/HotSpotMetaspaceConstantImpl");
  Class& Assumption = find("jdk/vm/ci/meta/Assumptions$Assumption");
  Class& ConcreteMethod = find("jdk/vm/ci/meta/Assumptions$ConcreteMethod");
  Class& ResolvedMethod = find("jdk/vm/ci/meta/ResolvedJavaMethod");
  Class& Comment = find("jdk/vm/ci/hotspot/HotSpotCompiledCode$Comment");
};

const Fields& fields() {
  static const Fields* const f = new Fields;
  return *f;
}

/// The description of one piece of code; its objects are locals of the frame around it.
class Description {
 public:
  Description(Env& env, VmObjects& objects) : env_(env), objects_(objects), debug_(env, objects) {}

  /// What methods and stubs have in common.
  Status fill(Object& description, const AssembledCode& code, const code::CodeImage* image) {
    const Fields& f = fields();
    f.name.set(description, Jdk17Constants::get().name);
    f.targetCode.set(description, env_.make_bytes(code.code));
    f.targetCodeSize.set(description, static_cast<jint>(code.code.size()));
    Object* sites = env_.make_objects(f.Site, static_cast<std::uint32_t>(code.sites.size()));
    for (std::uint32_t i = 0; i < code.sites.size(); ++i) {
      JF_TRY(Object * object, site(code.sites[i], image));
      f.pcOffset.set(*object, static_cast<jint>(code.sites[i].pc));
      sites->set_element(i, object);
    }
    f.sites.set(description, sites);
    f.comments.set(description, env_.make_objects(f.Comment, 0));
    f.dataSection.set(description, env_.make_bytes(code.data));
    f.dataSectionAlignment.set(description, static_cast<jint>(code.data_alignment));
    Object* patches =
        env_.make_objects(f.DataPatch, static_cast<std::uint32_t>(code.data_patches.size()));
    for (std::uint32_t i = 0; i < code.data_patches.size(); ++i) {
      JF_TRY(Object * patch, data_patch(image->constants[code.data_patches[i].constant]));
      f.pcOffset.set(*patch, static_cast<jint>(code.data_patches[i].offset));
      patches->set_element(i, patch);
    }
    f.dataSectionPatches.set(description, patches);
    f.totalFrameSize.set(description, static_cast<jint>(code.frame_bytes));
    if (code.deopt_rescue_offset >= 0)
      f.deoptRescueSlot.set(description, debug_.stack_slot(code.deopt_rescue_offset));
    return {};
  }

  Status assume(Object& description, const code::CodeImage& image) {
    const Fields& f = fields();
    Object* assumptions =
        env_.make_objects(f.Assumption, static_cast<std::uint32_t>(image.assumptions.size()));
    for (std::uint32_t i = 0; i < image.assumptions.size(); ++i) {
      const code::Assumption& a = image.assumptions[i];
      if (a.kind != code::AssumptionKind::concrete_method)
        return fail(Errc::invalid_code_image, "an unknown kind of assumption");
      JF_TRY(Object * context, objects_.type(a.klass));
      JF_TRY(Object * impl, debug_.method(a.method));
      Object* assumption = env_.make(f.ConcreteMethod);
      f.context.set(*assumption, context);
      f.impl.set(*assumption, impl);
      assumptions->set_element(i, assumption);
    }
    f.assumptions.set(description, assumptions);
    Object* methods =
        env_.make_objects(f.ResolvedMethod, static_cast<std::uint32_t>(image.methods.size()));
    for (std::uint32_t i = 0; i < image.methods.size(); ++i) {
      JF_TRY(Object * method, debug_.method(image.methods[i]));
      methods->set_element(i, method);
    }
    f.methods.set(description, methods);
    return {};
  }

  Result<Object*> method(MethodId id) { return debug_.method(id); }

 private:
  Result<Object*> site(const InstallSite& site, const code::CodeImage* image) {
    const Fields& f = fields();
    const Jdk17Constants& constants = Jdk17Constants::get();
    const code::Site* image_site =
        site.image_site >= 0 ? &image->sites[static_cast<std::size_t>(site.image_site)] : nullptr;
    Object* info = nullptr;
    if (image_site) {
      JF_TRY(info, debug_.of(*image_site));
    } else if (site.empty_reference_map) {
      info = debug_.empty();
    }
    switch (site.kind) {
      case InstallSiteKind::mark: {
        Object* mark = env_.make(f.Mark);
        f.markId.set(*mark, env_.make_integer(site.mark));
        return mark;
      }
      case InstallSiteKind::java_call: {
        JF_TRY(Object * callee, debug_.method(image_site->method));
        return call(callee, info, false);
      }
      case InstallSiteKind::foreign_call: {
        Object* stub = env_.make(f.ForeignTarget);
        f.address.set(*stub, static_cast<jlong>(site.address));
        return call(stub, info, true);
      }
      case InstallSiteKind::safepoint: {
        Object* infopoint = env_.make(f.Infopoint);
        f.reason.set(*infopoint, constants.reason_safepoint);
        f.debugInfo.set(*infopoint, info);
        return infopoint;
      }
      case InstallSiteKind::data_patch: {
        Object* cell = env_.make(f.DataSectionReference);
        f.dataOffset.set(*cell, static_cast<jint>(site.data_offset));
        Object* patch = env_.make(f.DataPatch);
        f.reference.set(*patch, cell);
        return patch;
      }
      case InstallSiteKind::exception_handler: {
        Object* handler = env_.make(f.ExceptionHandler);
        f.handlerPos.set(*handler, static_cast<jint>(site.handler_pc));
        return handler;
      }
    }
    return fail(Errc::invalid_code_image, "an unknown kind of site");
  }

  /// HotSpot asks `direct` only to mark a direct call of invokeBasic for a deoptimisation handler of
  /// its own (DEOPT_MH_HANDLER_ENTRY). On x86-64 that one would be no other: no method call is direct.
  Object* call(Object* target, Object* info, bool direct) {
    const Fields& f = fields();
    Object* call = env_.make(f.Call);
    f.target.set(*call, target);
    f.direct.set(*call, direct ? JNI_TRUE : JNI_FALSE);
    f.reason.set(*call, Jdk17Constants::get().reason_call);
    f.debugInfo.set(*call, info);
    return call;
  }

  Result<Object*> data_patch(const code::Constant& constant) {
    const Fields& f = fields();
    Object* value = nullptr;
    if (constant.kind == code::ConstantKind::klass) {
      JF_TRY(Object * type, objects_.type(constant.klass));
      value = env_.make(f.MetaspaceConstant);
      f.metaspaceObject.set(*value, type);
    } else {
      JF_TRY(value, objects_.object(constant));
    }
    Object* reference = env_.make(f.ConstantReference);
    f.constant.set(*reference, value);
    Object* patch = env_.make(f.DataPatch);
    f.reference.set(*patch, reference);
    return patch;
  }

  Env& env_;
  VmObjects& objects_;
  Jdk17DebugInfo debug_;
};

/// For stubs: they name nothing.
class NoObjects final : public VmObjects {
 public:
  Result<Object*> method(MethodId) override {
    return fail(Errc::invalid_code_image, "a stub names a method");
  }
  Result<Object*> type(ClassId) override {
    return fail(Errc::invalid_code_image, "a stub names a class");
  }
  Result<Object*> object(const code::Constant&) override {
    return fail(Errc::invalid_code_image, "a stub names an object");
  }
  Result<std::uint64_t> method_address(MethodId) override {
    return fail(Errc::invalid_code_image, "a stub names a method");
  }
  Result<std::uint64_t> class_address(ClassId) override {
    return fail(Errc::invalid_code_image, "a stub names a class");
  }
};

class Jdk17Writer final : public CodeWriter {
 public:
  explicit Jdk17Writer(const InstallResults& results) : results_(results) { Jdk17Constants::get(); }

  Result<Written> install(Env& env, VmObjects& objects,
                          const MethodCode& method_code) const override {
    const Fields& f = fields();
    const code::CodeImage& image = method_code.image;
    LocalFrame frame(env);
    Description description(env, objects);
    JF_TRY(Object * method, description.method(image.task.method));
    Object* nmethod = env.make(f.Nmethod);
    JF_CHECK_OK(description.fill(*nmethod, method_code.code, &image));
    JF_CHECK_OK(description.assume(*nmethod, image));
    f.method.set(*nmethod, method);
    f.entryBCI.set(*nmethod, image.task.entry_bci);
    f.id.set(*nmethod, method_code.compile_id);
    f.compileState.set(*nmethod, method_code.compile_state);
    Object* mirror = env.make(f.Mirror);
    f.mirrorName.set(*mirror, Jdk17Constants::get().name);
    f.mirrorMethod.set(*mirror, method);
    f.isDefault.set(*mirror, JNI_TRUE);
    f.compileIdSnapshot.set(*mirror, method_code.compile_id);

    auto answer = call_install(env, nmethod, mirror);
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
      written.detail += fmt::format(" (installCode answered {})", *answer);
    if (written.answer == Answer::installed) {
      written.code_begin = static_cast<std::uint64_t>(f.codeStart.get(*mirror));
      f.mirrorMethod.set(
          *mirror,
          nullptr);  // the mirror outlives the description, and only its id and address are used
      written.mirror = jvmci::Ref::share(mirror);
    }
    return written;
  }

  Result<std::uint64_t> install_stub(Env& env, const AssembledCode& code,
                                     std::string_view name) const override {
    const Fields& f = fields();
    LocalFrame frame(env);
    NoObjects none;
    Description description(env, none);
    Object* stub = env.make(f.Code);
    JF_CHECK_OK(description.fill(*stub, code, nullptr));
    f.name.set(*stub, env.make_string(name));
    Object* mirror = env.make(f.StubMirror);
    f.mirrorName.set(*mirror, f.name.get(*stub));
    JF_TRY(jint answer, call_install(env, stub, mirror));
    const auto begin = static_cast<std::uint64_t>(f.codeStart.get(*mirror));
    if (answer != results_.ok || begin == 0)
      return fail(Errc::install_refused,
                  fmt::format("stub {}: installCode answered {}", name, answer));
    return begin;
  }

  Result<std::int32_t> allocate_compile_id(Env& env, Object& method,
                                           std::uint64_t) const override {
    JF_TRY(jint id, allocate_compile_id_(env, &method, code::kNormalEntry));
    return id;
  }

  Result<Liveness> liveness(Env& env, Object& mirror) const override {
    // The VM does not write into our mirrors when code dies; this native makes it look.
    JF_CHECK_OK(update_(env, &mirror));
    return fields().codeAddress.get(mirror) != 0 && fields().entryPoint.get(mirror) != 0
               ? Liveness::in_use
               : Liveness::invalidated;
  }

  Status invalidate(Env& env, Object& mirror) const override { return invalidate_(env, &mirror); }

  bool complete() const { return install_ && allocate_compile_id_ && update_ && invalidate_; }

 private:
  Result<jint> call_install(Env& env, Object* code, Object* mirror) const {
    constexpr jlong kNoSpeculationLog = 0;
    return install_(env, Jdk17Constants::get().target, code, mirror, kNoSpeculationLog,
                    env.make_bytes({}));
  }

  const InstallResults results_;
  Native<jint(Object*, Object*, Object*, jlong, Object*)> install_{"installCode"};
  Native<jint(Object*, jint)> allocate_compile_id_{"allocateCompileId"};
  Native<void(Object*)> update_{"updateHotSpotNmethod"};
  Native<void(Object*)> invalidate_{"invalidateHotSpotNmethod"};
};

}  // namespace

Result<std::unique_ptr<CodeWriter>> make_jdk17_writer(const InstallResults& results) {
  auto writer = std::make_unique<Jdk17Writer>(results);
  if (!writer->complete())
    return fail(Errc::vm_unsupported, "the VM lacks natives for installing code");
  return writer;
}

}  // namespace jitfarm::vmagent::hotspot::writer
