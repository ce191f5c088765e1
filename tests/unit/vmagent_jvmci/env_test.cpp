// Do local references die with their frame, and runtimes with their objects?
#include "vmagent/jvmci/env.h"

#include <catch2/catch.hpp>
#include <thread>

#include "vmagent/jvmci/natives.h"
#include "vmagent/jvmci/table.h"
#include "vmagent/jvmci/world.h"

namespace jitfarm::vmagent::jvmci {
namespace {

struct Fixture {
  Runtime& runtime = Runtime::create(&invoke_interface());
  Env& env = Env::of(Runtime::find(runtime.vm()));
  ~Fixture() { Runtime::destroy(runtime.vm()); }
};

TEST_CASE("env: locals die with their frame unless somebody holds them") {
  Fixture f;
  const std::int64_t before = Object::alive();
  Ref kept;
  {
    LocalFrame frame(f.env);
    f.env.make_string("gone");
    kept = Ref::share(f.env.make_string("kept"));
    CHECK(Object::alive() == before + 2);
  }
  CHECK(Object::alive() == before + 1);
  CHECK(kept.get()->text() == "kept");
  kept = {};
  CHECK(Object::alive() == before);
}

TEST_CASE("env: a frame may hand one object down") {
  Fixture f;
  LocalFrame outer(f.env);
  f.env.push_frame();
  Object* result = f.env.pop_frame(f.env.make_integer(7));
  CHECK(f.env.local_count() == 1);
  CHECK(result->references() == 1);
}

TEST_CASE("env: deleting a local of an outer frame leaves the inner frame whole") {
  Fixture f;
  const std::int64_t before = Object::alive();
  f.env.push_frame();
  Object* outer = f.env.make_integer(1);
  f.env.push_frame();
  f.env.make_integer(2);
  f.env.delete_local(outer);
  CHECK(Object::alive() == before + 1);
  f.env.pop_frame();
  CHECK(Object::alive() == before);
  f.env.make_integer(3);
  f.env.pop_frame();
  CHECK(Object::alive() == before);
}

TEST_CASE("env: an exception is pending until it is taken, once, and names itself") {
  Fixture f;
  f.env.throw_new("java/lang/IllegalStateException", "what happened");
  REQUIRE(f.env.pending());
  CHECK(f.env.take_pending() == "java.lang.IllegalStateException: what happened");
  CHECK(f.env.take_pending() == std::nullopt);
}

TEST_CASE("env: each thread and each runtime has its own") {
  Fixture a, b;
  CHECK(&a.env != &b.env);
  CHECK(&a.env == &Env::of(Runtime::find(a.runtime.vm())));
  Env* of_other_thread = nullptr;
  std::thread([&] { of_other_thread = &Env::of(Runtime::find(a.runtime.vm())); }).join();
  CHECK(of_other_thread != &a.env);
}

TEST_CASE("env: a destroyed runtime is not found and its Envs go") {
  const std::int64_t before = Object::alive();
  for (int i = 0; i < 100; ++i) {
    Fixture f;
    f.runtime.object = Ref::adopt(World::get().allocate(World::get().find_class("test/Runtime")));
    f.env.make_integer(i);  // a local outside all frames
    JavaVM* vm = f.runtime.vm();
    Runtime::destroy(vm);
    CHECK(Runtime::find(vm) == nullptr);
  }
  Fixture last;  // asking for another Env frees those of dead runtimes
  CHECK(Object::alive() == before);
}

jint JNICALL native_that_throws(JNIEnv* env, jobject, jint) {
  env->ThrowNew(env->FindClass("jdk/vm/ci/common/JVMCIError"), "no such thing");
  return 99;
}
jlong JNICALL native_that_adds(JNIEnv*, jobject self, jlong a, jint b, jboolean c) {
  return self ? a + b + c : 0;
}

TEST_CASE("natives: an exception becomes an error and is never left behind") {
  Fixture f;
  World& world = World::get();
  world.register_native(world.find_class(kCompilerToVm), "throwing", "(I)I",
                        reinterpret_cast<void*>(native_that_throws));
  world.register_native(world.find_class(kCompilerToVm), "adding", "(JIZ)J",
                        reinterpret_cast<void*>(native_that_adds));
  const Native<jint(jint)> throwing{"throwing"};
  const auto failed = throwing(f.env, 1);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::vm_exception);
  CHECK(failed.error().detail.find("no such thing") != std::string::npos);
  CHECK(f.env.pending() == nullptr);

  const Native<jlong(jlong, jint, bool)> adding{"adding"};
  CHECK(adding(f.env, 1'000'000'000'000, 2, true) == 1'000'000'000'003);

  const Native<void()> missing{"missing"};
  CHECK(missing(f.env).error().code == Errc::vm_unsupported);
}

}  // namespace
}  // namespace jitfarm::vmagent::jvmci
