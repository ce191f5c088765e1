#include "vmagent/jvmci/not_implemented.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "vmagent/jvmci/env.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::jvmci {
namespace {

/// The name of a JNI function as a template argument.
template <std::size_t Size>
struct Name {
  char text[Size];
  // NOLINTNEXTLINE(google-explicit-constructor): a literal stands in the argument list
  consteval Name(const char (&literal)[Size]) { std::copy_n(literal, Size, text); }
};

void refuse(JNIEnv* env, const char* function) {
  JF_AGENT_LOG(error, "HotSpot called JNI function {}, which is not implemented", function);
  from_jni(env).throw_new("java/lang/InternalError", "JNI function " + std::string(function) +
                                                         " is not implemented by the compiler");
}

template <Name Function, class R, class... Arguments>
R not_implemented(JNIEnv* env, Arguments...) {
  refuse(env, Function.text);
  return R();
}
template <Name Function, class R, class... Arguments>
R not_implemented(JNIEnv* env, Arguments..., ...) {
  refuse(env, Function.text);
  return R();
}

}  // namespace

void fill_not_implemented(JNINativeInterface_& t) {
#define JF_SLOT(Function) t.Function = &not_implemented<#Function>;
#define JF_CALLS(Name)                   \
  JF_SLOT(Call##Name##Method)            \
  JF_SLOT(Call##Name##MethodV)           \
  JF_SLOT(Call##Name##MethodA)           \
  JF_SLOT(CallNonvirtual##Name##Method)  \
  JF_SLOT(CallNonvirtual##Name##MethodV) \
  JF_SLOT(CallNonvirtual##Name##MethodA) \
  JF_SLOT(CallStatic##Name##Method)      \
  JF_SLOT(CallStatic##Name##MethodV)     \
  JF_SLOT(CallStatic##Name##MethodA)
#define JF_VALUES(Name)           \
  JF_CALLS(Name)                  \
  JF_SLOT(Get##Name##Field)       \
  JF_SLOT(Set##Name##Field)       \
  JF_SLOT(GetStatic##Name##Field) \
  JF_SLOT(SetStatic##Name##Field)
#define JF_PRIMITIVES(Name)             \
  JF_VALUES(Name)                       \
  JF_SLOT(New##Name##Array)             \
  JF_SLOT(Get##Name##ArrayElements)     \
  JF_SLOT(Release##Name##ArrayElements) \
  JF_SLOT(Get##Name##ArrayRegion)       \
  JF_SLOT(Set##Name##ArrayRegion)

  JF_CALLS(Void)
  JF_VALUES(Object)
  JF_PRIMITIVES(Boolean)
  JF_PRIMITIVES(Byte)
  JF_PRIMITIVES(Char)
  JF_PRIMITIVES(Short)
  JF_PRIMITIVES(Int)
  JF_PRIMITIVES(Long)
  JF_PRIMITIVES(Float)
  JF_PRIMITIVES(Double)

  // In the order of the table.
  JF_SLOT(GetVersion)
  JF_SLOT(DefineClass)
  JF_SLOT(FindClass)
  JF_SLOT(FromReflectedMethod)
  JF_SLOT(FromReflectedField)
  JF_SLOT(ToReflectedMethod)
  JF_SLOT(GetSuperclass)
  JF_SLOT(IsAssignableFrom)
  JF_SLOT(ToReflectedField)
  JF_SLOT(Throw)
  JF_SLOT(ThrowNew)
  JF_SLOT(ExceptionOccurred)
  JF_SLOT(ExceptionDescribe)
  JF_SLOT(ExceptionClear)
  JF_SLOT(FatalError)
  JF_SLOT(PushLocalFrame)
  JF_SLOT(PopLocalFrame)
  JF_SLOT(NewGlobalRef)
  JF_SLOT(DeleteGlobalRef)
  JF_SLOT(DeleteLocalRef)
  JF_SLOT(IsSameObject)
  JF_SLOT(NewLocalRef)
  JF_SLOT(EnsureLocalCapacity)
  JF_SLOT(AllocObject)
  JF_SLOT(NewObject)
  JF_SLOT(NewObjectV)
  JF_SLOT(NewObjectA)
  JF_SLOT(GetObjectClass)
  JF_SLOT(IsInstanceOf)
  JF_SLOT(GetMethodID)
  JF_SLOT(GetFieldID)
  JF_SLOT(GetStaticMethodID)
  JF_SLOT(GetStaticFieldID)
  JF_SLOT(NewString)
  JF_SLOT(GetStringLength)
  JF_SLOT(GetStringChars)
  JF_SLOT(ReleaseStringChars)
  JF_SLOT(NewStringUTF)
  JF_SLOT(GetStringUTFLength)
  JF_SLOT(GetStringUTFChars)
  JF_SLOT(ReleaseStringUTFChars)
  JF_SLOT(GetArrayLength)
  JF_SLOT(NewObjectArray)
  JF_SLOT(GetObjectArrayElement)
  JF_SLOT(SetObjectArrayElement)
  JF_SLOT(RegisterNatives)
  JF_SLOT(UnregisterNatives)
  JF_SLOT(MonitorEnter)
  JF_SLOT(MonitorExit)
  JF_SLOT(GetJavaVM)
  JF_SLOT(GetStringRegion)
  JF_SLOT(GetStringUTFRegion)
  JF_SLOT(GetPrimitiveArrayCritical)
  JF_SLOT(ReleasePrimitiveArrayCritical)
  JF_SLOT(GetStringCritical)
  JF_SLOT(ReleaseStringCritical)
  JF_SLOT(NewWeakGlobalRef)
  JF_SLOT(DeleteWeakGlobalRef)
  JF_SLOT(ExceptionCheck)
  JF_SLOT(NewDirectByteBuffer)
  JF_SLOT(GetDirectBufferAddress)
  JF_SLOT(GetDirectBufferCapacity)
  JF_SLOT(GetObjectRefType)
  JF_SLOT(GetModule)
#undef JF_PRIMITIVES
#undef JF_VALUES
#undef JF_CALLS
#undef JF_SLOT
}

}  // namespace jitfarm::vmagent::jvmci
