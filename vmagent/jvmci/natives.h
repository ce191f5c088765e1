// How do we call HotSpot? Typed natives that never leave an exception behind.
//
// Every native may set an exception in the Env instead of returning a value; each call here takes
// it out and makes it an Error. Names and signatures of the natives differ between JDKs:
// vmagent/hotspot has the table, nobody else.
#pragma once
#include <string>
#include <string_view>
#include <type_traits>

#include "common/base/result.h"
#include "vmagent/jvmci/env.h"
#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::jvmci {

inline constexpr std::string_view kCompilerToVm = "jdk/vm/ci/hotspot/CompilerToVM";

/// The CompilerToVM instance that is `this` of every native; HotSpot never looks into it.
Object* compiler_to_vm();

namespace detail {
inline jobject convert(Object* object) { return to_jni(object); }
inline jint convert(jint v) { return v; }
inline jlong convert(jlong v) { return v; }
inline jboolean convert(bool v) { return v; }
inline jboolean convert(jboolean v) { return v; }
inline jbyte convert(jbyte v) { return v; }
inline jchar convert(jchar v) { return v; }
template <class T>
using Raw = decltype(convert(std::declval<T>()));

std::unexpected<Error> thrown(std::string_view native, const std::string& what);
std::unexpected<Error> missing(std::string_view native);
}  // namespace detail

template <class Signature>
class Native;

/// Native<Object*(jlong)> symbol{"getSymbol"}; auto text = symbol(env, pointer);
/// R is void, bool, jint, jlong or Object* (a local of the current frame, null where the VM says
/// null). Resolved when made, which is after CompilerToVM.registerNatives. Call in native state, on
/// a thread that the VM knows.
template <class R, class... A>
class Native<R(A...)> {
 public:
  Native() = default;
  /// `signature` only where the name is overloaded.
  explicit Native(std::string_view name, std::string_view signature = {},
                  std::string_view klass = kCompilerToVm)
      : name_(name), function_(World::get().find_native(klass, name, signature)) {}

  explicit operator bool() const { return function_ != nullptr; }

  Result<R> operator()(Env& env, A... args) const {
    if (!function_) return detail::missing(name_);
    env.clear_pending();
    if constexpr (std::is_void_v<R>) {
      reinterpret_cast<void (*)(JNIEnv*, jobject, detail::Raw<A>...)>(function_)(
          env.jni(), to_jni(compiler_to_vm()), detail::convert(args)...);
      if (auto what = env.take_pending()) [[unlikely]]
        return detail::thrown(name_, *what);
      return {};
    } else {
      using Raw = detail::Raw<R>;
      const Raw value = reinterpret_cast<Raw (*)(JNIEnv*, jobject, detail::Raw<A>...)>(function_)(
          env.jni(), to_jni(compiler_to_vm()), detail::convert(args)...);
      if (auto what = env.take_pending()) [[unlikely]]
        return detail::thrown(name_, *what);
      if constexpr (std::is_same_v<R, Object*>)
        return from_jni(value);
      else if constexpr (std::is_same_v<R, bool>)
        return value != 0;
      else
        return value;
    }
  }

 private:
  std::string_view name_;
  void* function_ = nullptr;
};

}  // namespace jitfarm::vmagent::jvmci
