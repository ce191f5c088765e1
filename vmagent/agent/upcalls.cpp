#include "vmagent/agent/upcalls.h"

#include <exception>
#include <mutex>
#include <string>

#include "vmagent/agent/compile.h"
#include "vmagent/jvmci/env.h"
#include "vmagent/jvmci/natives.h"
#include "vmagent/jvmci/world.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::agent {

namespace {

using namespace jvmci;

constexpr const char* kRuntime = "jdk/vm/ci/hotspot/HotSpotJVMCIRuntime";
constexpr const char* kJvmci = "jdk/vm/ci/runtime/JVMCI";

jvalue none() {
  jvalue v;
  v.j = 0;
  return v;
}
jvalue object_value(Object* object) {
  jvalue v = none();
  v.l = to_jni(object);
  return v;
}

// ---- life of a runtime -------------------------------------------------------------------------

/// JVMCI.getRuntime(): the Java class would call its native initializeRuntime, which calls
/// runtime() below.
jvalue get_runtime(Call& call) {
  Runtime& runtime = call.env.runtime();
  if (!runtime.object) {
    void* native = World::get().find_native(kJvmci, "initializeRuntime");
    if (!native) {
      call.env.throw_new("java/lang/InternalError", "JVMCI.initializeRuntime is not registered");
      return none();
    }
    auto initialize = reinterpret_cast<jobject (*)(JNIEnv*, jclass)>(native);
    Object* made = from_jni(
        initialize(call.env.jni(), reinterpret_cast<jclass>(&World::get().find_class(kJvmci))));
    if (call.env.pending()) return none();
    runtime.object = Ref::share(made);
  }
  return object_value(call.env.local(runtime.object.get()));
}

/// HotSpotJVMCIRuntime.runtime(): the Java class would register the natives of CompilerToVM in its
/// static initialiser.
jvalue runtime(Call& call) {
  Runtime& runtime = call.env.runtime();
  if (!runtime.object) {
    static std::mutex mutex;
    static bool registered = false;
    std::lock_guard lock(mutex);
    if (!registered) {
      void* native = World::get().find_native(kCompilerToVm, "registerNatives");
      if (native)
        reinterpret_cast<void (*)(JNIEnv*, jclass)>(native)(
            call.env.jni(), reinterpret_cast<jclass>(&World::get().find_class(kCompilerToVm)));
      if (call.env.pending()) return none();
      registered = true;
    }
    Object* made = call.env.make(World::get().find_class(kRuntime));
    runtime.object = Ref::share(made);
  }
  return object_value(call.env.local(runtime.object.get()));
}

jvalue get_compiler(Call& call) {
  return object_value(call.env.make(World::get().find_class("jdk/vm/ci/runtime/JVMCICompiler")));
}

jvalue shutdown_runtime(Call& call) {
  JF_AGENT_LOG(debug, "the VM shuts the compiler down");
  on_shutdown(call.env);
  return none();
}

jvalue ignore(Call&) { return none(); }

jvalue answer_true(Call&) {
  jvalue v = none();
  v.z = JNI_TRUE;
  return v;
}

// ---- wrappers of the VM's things ---------------------------------------------------------------

/// X.fromMetaspace(handle, ..): every such class has one long, its handle or pointer, whatever its
/// JDK calls it.
jvalue from_metaspace(Call& call) {
  Class& klass = *call.method.holder;
  Object* object = call.env.make(klass);
  Field* handle = World::get().first_field_of_type(klass, 'J');
  if (!object || !handle || call.args.empty()) {
    call.env.throw_new("java/lang/InternalError", "no handle field in " + klass.name());
    return none();
  }
  set_field(*object, *handle, call.args[0]);
  return object_value(object);
}

/// HotSpotResolvedPrimitiveType.fromMetaspace(mirror, typeChar)
jvalue primitive_from_metaspace(Call& call) {
  static const FieldOf<Object*> kMirror{"jdk/vm/ci/hotspot/HotSpotResolvedPrimitiveType", "mirror",
                                        "L"};
  Object* object = call.env.make(*call.method.holder);
  if (object && call.args.size() == 2) kMirror.set(*object, call.object(0));
  return object_value(object);
}

/// JavaConstant.forPrimitive(kind, value). The kind is an object before JDK 21, then a character.
jvalue for_primitive(Call& call) {
  static const FieldOf<Object*> kKind{"jdk/vm/ci/meta/PrimitiveConstant", "kind", "L"};
  static const FieldOf<jlong> kPrimitive{"jdk/vm/ci/meta/PrimitiveConstant", "primitive", "J"};
  Object* object = call.env.make(World::get().find_class("jdk/vm/ci/meta/PrimitiveConstant"));
  if (object && call.args.size() == 2) {
    if (call.method.arguments.starts_with('L')) kKind.set(*object, call.object(0));
    kPrimitive.set(*object, call.args[1].j);
  }
  return object_value(object);
}

jvalue class_name(Call& call) {
  return object_value(call.env.make_string(static_cast<Class*>(call.self)->name()));
}

jvalue to_string(Call& call) {
  return object_value(
      call.env.make_string(call.object(0) ? call.object(0)->klass().name() : "null"));
}

// ---- exceptions that cross ---------------------------------------------------------------------

/// A Java exception met by a native of ours, encoded by the VM in a buffer. Its text is compressed
/// and only for people: what the caller needs is that something is pending.
jvalue decode_throwable(Call& call) {
  call.env.throw_new("java/lang/InternalError", "a Java exception in the VM");
  return none();
}

/// encodeThrowable(throwable, buffer, size): bytes written; 0 leaves the text empty.
jvalue encode_throwable(Call&) { return none(); }

/// exceptionToString(throwable, wantString, wantTrace): an array of two strings on newer JDKs, a
/// string on older ones.
jvalue exception_to_string(Call& call) {
  Object* text = call.env.make_string(call.object(0) ? call.object(0)->klass().name() : "null");
  if (!call.method.signature.contains(")[")) return object_value(text);
  Object* both[] = {text, text};
  return object_value(call.env.make_objects(World::get().find_class("java/lang/String"), both));
}

// ---- compilation -------------------------------------------------------------------------------

/// Nothing of ours throws but what runs out of memory; that must not reach HotSpot's frames.
Outcome compile_guarded(Call& call) {
  try {
    return compile({.env = call.env,
                    .method = *call.object(0),
                    .entry_bci = call.args[1].i,
                    .compile_state = call.args[2].j,
                    .compile_id = call.args[3].i});
  } catch (const std::exception& error) {
    JF_AGENT_LOG(error, "compile {}: {}", call.args[3].i, error.what());
    return {.failure = "jitfarm: out of memory"};
  }
}

jvalue compile_method(Call& call) {
  static const FieldOf<Object*> kFailure{"jdk/vm/ci/hotspot/HotSpotCompilationRequestResult",
                                         "failureMessage", "Ljava/lang/String;"};
  static const FieldOf<jboolean> kRetry{"jdk/vm/ci/hotspot/HotSpotCompilationRequestResult",
                                        "retry", "Z"};
  static const FieldOf<jint> kInlined{"jdk/vm/ci/hotspot/HotSpotCompilationRequestResult",
                                      "inlinedBytecodes", "I"};
  Object* result =
      call.env.make(World::get().find_class("jdk/vm/ci/hotspot/HotSpotCompilationRequestResult"));
  if (!result) return none();  // out of memory; HotSpot treats null as a failure
  {
    LocalFrame frame(call.env);
    const Outcome outcome = call.args.size() == 4 && call.object(0)
                                ? compile_guarded(call)
                                : Outcome{.failure = "a compileMethod of another form"};
    // Pending here would abort a VM of JDK 17 and start a storm of requests in one of 25.
    if (auto what = call.env.take_pending())
      JF_AGENT_LOG(error, "compile {} left an exception behind: {}", call.args[3].i, *what);
    if (outcome.installed) {
      kInlined.set(*result, 1);
    } else {
      // retry would make HotSpot ask again at once, thousands of times a second.
      kRetry.set(*result, JNI_FALSE);
      kFailure.set(*result, call.env.make_string(outcome.failure));
    }
  }
  return object_value(result);
}

}  // namespace

void bind_upcalls() {
  World& world = World::get();
  world.bind(kJvmci, "getRuntime", get_runtime);
  world.bind(kJvmci, "initializeRuntime", get_runtime);
  world.bind(kRuntime, "runtime", runtime);
  world.bind(kRuntime, "getCompiler", get_compiler);
  world.bind(kRuntime, "compileMethod", compile_method);
  world.bind(kRuntime, "shutdown", shutdown_runtime);
  world.bind(kRuntime, "bootstrapFinished", ignore);
  world.bind(kRuntime, "isGCSupported", answer_true);
  world.bind(kRuntime, "isIntrinsicSupported", ignore);
  world.bind(kRuntime, "callToString", to_string);
  world.bind(kRuntime, "exceptionToString", exception_to_string);
  world.bind(kRuntime, "postTranslation", ignore);
  for (const char* holder : {kRuntime, "jdk/internal/vm/VMSupport"}) {
    world.bind(holder, "decodeAndThrowThrowable", decode_throwable);
    world.bind(holder, "encodeThrowable", encode_throwable);
  }
  for (const char* holder :
       {"HotSpotResolvedJavaMethodImpl", "HotSpotResolvedObjectTypeImpl", "HotSpotConstantPool"})
    world.bind(std::string("jdk/vm/ci/hotspot/") + holder, "fromMetaspace", from_metaspace);
  world.bind("jdk/vm/ci/hotspot/HotSpotResolvedPrimitiveType", "fromMetaspace",
             primitive_from_metaspace);
  world.bind("jdk/vm/ci/meta/JavaConstant", "forPrimitive", for_primitive);
  world.bind("jdk/vm/ci/services/Services", "initializeSavedProperties", ignore);
  world.bind("java/lang/Class", "getName", class_name);

  for (const char* box :
       {"Boolean", "Byte", "Character", "Double", "Float", "Integer", "Long", "Short"})
    world.bind_constructor(std::string("java/lang/") + box, "value");
  world.bind_constructor("java/lang/Throwable", "detailMessage");
  world.bind_constructor("java/lang/StackTraceElement",
                         "declaringClass,methodName,fileName,lineNumber");
  world.bind_constructor("jdk/vm/ci/hotspot/VMField", "name,type,offset,address,value");
  world.bind_constructor("jdk/vm/ci/hotspot/VMFlag", "name,type,value");
  world.bind_constructor("jdk/vm/ci/hotspot/VMIntrinsicMethod",
                         "declaringClass,name,descriptor,id");
  world.bind_constructor("jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl",
                         "objectHandle,compressed");
  world.bind_constructor("jdk/vm/ci/hotspot/DirectHotSpotObjectConstantImpl", "object,compressed");
  world.bind_constructor("jdk/vm/ci/hotspot/HotSpotNmethod",
                         "method,name,isDefault,compileIdSnapshot");
}

}  // namespace jitfarm::vmagent::agent
