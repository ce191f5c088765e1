// Does the JNI table do what HotSpot expects of one, a million times without a leak?
#include "vmagent/jvmci/table.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>

#include "vmagent/jvmci/env.h"
#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::jvmci {
namespace {

struct Fixture {
  Runtime& runtime = Runtime::create(&invoke_interface());
  JNIEnv* jni = [this] {
    void* env = nullptr;
    REQUIRE(runtime.vm()->GetEnv(&env, JNI_VERSION_10) == JNI_OK);
    return static_cast<JNIEnv*>(env);
  }();
  ~Fixture() { runtime.vm()->DestroyJavaVM(); }
};

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::size_t resident_kib() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

TEST_CASE("table: a function that is not implemented throws instead of crashing") {
  Fixture f;
  CHECK(f.jni->DefineClass("X", nullptr, nullptr, 0) == nullptr);
  CHECK(f.jni->ExceptionCheck());
  f.jni->ExceptionClear();
  jclass c = f.jni->FindClass("test/NoUpcall");
  CHECK(f.jni->CallStaticIntMethod(c, f.jni->GetStaticMethodID(c, "nobody", "(IJ)I"), 1,
                                   jlong{2}) == 0);
  CHECK(f.jni->ExceptionCheck());
  f.jni->ExceptionClear();
}

TEST_CASE("table: no function is missing") {
  void* slots[sizeof(JNINativeInterface_) / sizeof(void*)];
  std::memcpy(slots, &native_interface(), sizeof slots);
  constexpr std::size_t kReserved = 4;  // JNI 10: reserved0 to reserved3
  for (std::size_t i = kReserved; i < std::size(slots); ++i) {
    INFO("slot " << i);
    CHECK(slots[i] != nullptr);
  }
}

TEST_CASE("table: strings count UTF-16 units and copy ranges of them") {
  Fixture f;
  jstring s = f.jni->NewStringUTF(
      "a\xc3\xa4\xe2\x82\xac"
      "b");  // a, a-umlaut, euro sign, b
  CHECK(f.jni->GetStringLength(s) == 4);
  CHECK(f.jni->GetStringUTFLength(s) == 7);
  char text[16];
  f.jni->GetStringUTFRegion(s, 1, 2, text);
  CHECK(std::string(text) == "\xc3\xa4\xe2\x82\xac");
  f.jni->GetStringUTFRegion(s, 3, 2, text);
  CHECK(f.jni->ExceptionCheck());
  f.jni->ExceptionClear();
  CHECK(f.jni->NewStringUTF(nullptr) == nullptr);
}

TEST_CASE("table: array ranges are checked") {
  Fixture f;
  jbyteArray bytes = f.jni->NewByteArray(4);
  const jbyte in[] = {1, 2, 3, 4};
  f.jni->SetByteArrayRegion(bytes, 0, 4, in);
  jbyte out[4] = {};
  f.jni->GetByteArrayRegion(bytes, 1, 3, out);
  CHECK(out[2] == 4);
  for (auto [start, count] : {std::pair{-1, 1}, {0, 5}, {4, 1}, {2, 0x7fffffff}}) {
    f.jni->GetByteArrayRegion(bytes, start, count, out);
    CHECK(f.jni->ExceptionCheck());
    f.jni->ExceptionClear();
  }
  CHECK(f.jni->NewByteArray(-1) == nullptr);
  jobjectArray objects = f.jni->NewObjectArray(2, f.jni->FindClass("java/lang/Object"), bytes);
  CHECK(f.jni->IsSameObject(f.jni->GetObjectArrayElement(objects, 1), bytes));
  CHECK(f.jni->GetObjectArrayElement(objects, 2) == nullptr);
  CHECK(f.jni->ExceptionCheck());
  f.jni->ExceptionClear();
}

TEST_CASE("table: every kind of argument arrives") {
  Fixture f;
  static jvalue seen[6];
  World::get().bind("test/Args", "take", [](Call& call) {
    std::memcpy(seen, call.args.data(), sizeof seen);
    jvalue v;
    v.j = 0;
    v.z = JNI_TRUE;
    return v;
  });
  jclass c = f.jni->FindClass("test/Args");
  jmethodID take = f.jni->GetStaticMethodID(c, "take", "(ZJ[[Ljava/lang/String;DC[I)Z");
  CHECK(f.jni->CallStaticBooleanMethod(c, take, JNI_TRUE, jlong{1} << 40, nullptr, 2.5, jchar{'x'},
                                       nullptr) == JNI_TRUE);
  CHECK(seen[0].z == JNI_TRUE);
  CHECK(seen[1].j == jlong{1} << 40);
  CHECK(seen[3].d == 2.5);
  CHECK(seen[4].c == 'x');
}

/// What HotSpot does around one request, as far as objects are concerned.
void request(JNIEnv* jni, jclass runtime, jmethodID compile, jfieldID failure) {
  jni->PushLocalFrame(32);
  jobject self = jni->AllocObject(runtime);
  jobject result = jni->CallObjectMethod(self, compile, nullptr, -1, jlong{0x1234}, 7);
  auto message = static_cast<jstring>(jni->GetObjectField(result, failure));
  char text[64];
  jni->GetStringUTFRegion(message, 0, jni->GetStringLength(message), text);
  if (std::strcmp(text, "no farm") != 0) FAIL(text);
  jni->PopLocalFrame(nullptr);
}

TEST_CASE("table: a million requests leave no object and no memory behind") {
  Fixture f;
  World::get().bind("test/Runtime", "compileMethod", [](Call& call) {
    static const FieldOf<Object*> kFailure{"test/Result", "failureMessage", "Ljava/lang/String;"};
    Object* result = call.env.make(World::get().find_class("test/Result"));
    LocalFrame frame(call.env);
    Object* sites[] = {call.env.make_integer(1), call.env.make_long(2)};
    call.env.make_objects(World::get().find_class("java/lang/Object"), sites);
    kFailure.set(*result, call.env.make_string("no farm"));
    jvalue v;
    v.j = 0;
    v.l = to_jni(result);
    return v;
  });
  jclass runtime = f.jni->FindClass("test/Runtime");
  jmethodID compile =
      f.jni->GetMethodID(runtime, "compileMethod", "(Ltest/Method;IJI)Ltest/Result;");
  jfieldID failure =
      f.jni->GetFieldID(f.jni->FindClass("test/Result"), "failureMessage", "Ljava/lang/String;");
  for (int i = 0; i < 1000; ++i) request(f.jni, runtime, compile, failure);
  const std::int64_t alive = Object::alive();
  const std::size_t before = resident_kib();
  for (int i = 0; i < 1'000'000; ++i) request(f.jni, runtime, compile, failure);
  CHECK(Object::alive() == alive);
  // Under the sanitizers freed memory stays resident for a while; there the leak check looks.
  if (!kSanitized) CHECK(resident_kib() < before + 4096);  // the allocator's own slack
}

}  // namespace
}  // namespace jitfarm::vmagent::jvmci
