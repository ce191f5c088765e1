// The stream is checked where HotSpot would read it: in a native that stands in for
// CompilerToVM.installCode0.
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <memory>

#include "tests/unit/vmagent_install/sample.h"
#include "vmagent/hotspot/writer/code_writer.h"
#include "vmagent/hotspot/writer/jdk25_stream.h"
#include "vmagent/jvmci/natives.h"
#include "vmagent/jvmci/table.h"
#include "vmagent/jvmci/world.h"

using namespace jitfarm;
using namespace jitfarm::vmagent;
using namespace jitfarm::vmagent::jvmci;
using hotspot::writer::Answer;
using hotspot::writer::CodeWriter;

namespace {

using OnInstall = std::function<jint(Env&, ByteView stream, Object& code, Object& mirror)>;
OnInstall on_install;
jint invalidated_with = 0;

jint install_code(JNIEnv* env, jobject, jlong stream, jlong, jboolean type_names, jobject code,
                  jobject pool, jobject mirror, jlong, jobject speculations) {
  REQUIRE(type_names == JNI_FALSE);
  REQUIRE(pool == nullptr);
  REQUIRE(speculations != nullptr);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(stream);
  std::uint32_t size = 0;
  std::memcpy(&size, bytes + 8, sizeof size);
  return on_install(from_jni(env), ByteView(bytes, size + 12), *from_jni(code), *from_jni(mirror));
}
jint allocate_compile_id(JNIEnv*, jobject, jobject method, jlong address, jint bci) {
  REQUIRE(method != nullptr);
  REQUIRE(address == 0x700);
  REQUIRE(bci == -1);
  return 77;
}
void update_nmethod(JNIEnv*, jobject, jobject) {}
void invalidate_nmethod(JNIEnv*, jobject, jobject, jboolean deoptimise, jint reason) {
  REQUIRE(deoptimise == JNI_TRUE);
  invalidated_with = reason;
}

constexpr const char* kConstant = "jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl";

class FakeObjects final : public hotspot::writer::VmObjects {
 public:
  explicit FakeObjects(Env& env) : env_(env) {}
  Result<Object*> method(MethodId) override {
    return fail(Errc::class_unreadable, "not asked for");
  }
  Result<Object*> type(ClassId) override { return fail(Errc::class_unreadable, "not asked for"); }
  /// A handle of its own for each question, as the VM gives.
  Result<Object*> object(const code::Constant&) override {
    const FieldOf<jlong> handle(kConstant, "objectHandle", "J");
    Object* constant = env_.make(World::get().find_class(kConstant));
    handle.set(*constant, 0x4000 + 8 * ++handles);
    return constant;
  }
  Result<std::uint64_t> method_address(MethodId id) override {
    if (id.value > 100) return fail(Errc::class_unreadable, "gone");
    return id.value * 0x100;
  }
  Result<std::uint64_t> class_address(ClassId id) override { return id.value * 0x1000; }
  int handles = 0;

 private:
  Env& env_;
};

struct Fixture {
  Fixture()
      : runtime(Runtime::find(Runtime::create(&invoke_interface()).vm())), env(Env::of(runtime)) {
    World& world = World::get();
    Class& vm = world.find_class(kCompilerToVm);
    const auto add = [&](const char* name, auto* function) {
      world.register_native(vm, name, "()", reinterpret_cast<void*>(function));
    };
    add("installCode0", install_code);
    add("allocateCompileId", allocate_compile_id);
    add("updateHotSpotNmethod", update_nmethod);
    add("invalidateHotSpotNmethod", invalidate_nmethod);
    writer = *hotspot::writer::make_jdk25_writer(
        {.ok = 0, .dependencies_failed = 1, .cache_full = 2, .code_too_large = 4},
        tests::sample_config25().marks, {}, 7);
  }
  ~Fixture() { Runtime::destroy(runtime->vm()); }

  code::CodeImage image() {
    code::CodeImage image = tests::sample_image(Bytes(40, 0x90));
    image.constants = {{.kind = code::ConstantKind::klass, .klass = ClassId{4}},
                       {.kind = code::ConstantKind::mirror, .klass = ClassId{5}}};
    return image;
  }

  Result<hotspot::writer::Written> install(const code::CodeImage& code_image) {
    auto shell = hotspot::shell::make_jdk25_shell(tests::sample_config25());
    auto code = (*shell)->assemble(code_image, 0);
    REQUIRE(code);
    assembled = *code;
    LocalFrame frame(env);
    FakeObjects objects(env);
    auto written = writer->install(
        env, objects,
        {.image = code_image, .code = assembled, .compile_state = 1234, .compile_id = 55});
    handles = objects.handles;
    return written;
  }

  std::shared_ptr<Runtime> runtime;
  Env& env;
  std::unique_ptr<CodeWriter> writer;
  hotspot::shell::AssembledCode assembled;
  int handles = 0;
};

const FieldOf<jlong>& code_start() {
  static const FieldOf<jlong> field("jdk/vm/ci/hotspot/HotSpotInstalledCode", "codeStart", "J");
  return field;
}

}  // namespace

TEST_CASE("writer 25: HotSpot gets the stream, the bytes and a mirror with its name") {
  Fixture f;
  bool called = false;
  on_install = [&](Env&, ByteView stream, Object& code, Object& mirror) {
    called = true;
    CHECK(stream.size() > 100);
    CHECK(code.klass().name() == "jdk/vm/ci/hotspot/HotSpotCompiledNmethod");
    Object* bytes =
        FieldOf<Object*>("jdk/vm/ci/hotspot/HotSpotCompiledCode", "targetCode", "[B").get(code);
    REQUIRE(bytes);
    CHECK(bytes->length() == f.assembled.code.size());
    Object* data =
        FieldOf<Object*>("jdk/vm/ci/hotspot/HotSpotCompiledCode", "dataSection", "[B").get(code);
    REQUIRE(data);
    CHECK(data->length() == 16);
    CHECK(FieldOf<jboolean>("jdk/vm/ci/hotspot/HotSpotNmethod", "isDefault", "Z").get(mirror));
    CHECK(
        FieldOf<jlong>("jdk/vm/ci/hotspot/HotSpotNmethod", "compileIdSnapshot", "J").get(mirror) ==
        55);
    CHECK(FieldOf<Object*>("jdk/vm/ci/code/InstalledCode", "name", "Ljava/lang/String;")
              .get(mirror)
              ->text() == "jitfarm");
    code_start().set(mirror, 0x1000);
    return 0;
  };
  auto written = f.install(f.image());
  REQUIRE(called);
  REQUIRE(written);
  CHECK(written->answer == Answer::installed);
  CHECK(written->code_begin == 0x1000);
  CHECK(written->mirror);
  CHECK(f.handles == 1);
  LocalFrame frame(f.env);
  Object& mirror = *written->mirror.get();
  CHECK(f.writer->invalidate(f.env, mirror));
  CHECK(invalidated_with == 7);
  CHECK(*f.writer->liveness(f.env, mirror) == hotspot::writer::Liveness::invalidated);
  CHECK(*f.writer->allocate_compile_id(f.env, mirror, 0x700) == 77);
}

TEST_CASE("writer 25: a stub has a name and no method") {
  Fixture f;
  on_install = [&](Env&, ByteView stream, Object& code, Object& mirror) {
    CHECK(code.klass().name() == "jdk/vm/ci/hotspot/HotSpotCompiledCode");
    CHECK(mirror.klass().name() == "jdk/vm/ci/hotspot/HotSpotInstalledCode");
    CHECK(stream[12] == 0);
    code_start().set(mirror, 0x2000);
    return 0;
  };
  auto shell = hotspot::shell::make_jdk25_shell(tests::sample_config25());
  const auto stub = (*shell)->stub(hotspot::shell::Stub::unwind);
  auto address = f.writer->install_stub(f.env, stub, "jitfarm_unwind");
  REQUIRE(address);
  CHECK(*address == 0x2000);
  on_install = [](Env&, ByteView, Object&, Object&) { return 2; };
  CHECK_FALSE(f.writer->install_stub(f.env, stub, "jitfarm_unwind"));
}

TEST_CASE("writer 25: HotSpot's refusals and exceptions are answers, and nothing stays alive") {
  Fixture f;
  on_install = [](Env&, ByteView, Object&, Object&) { return 0; };
  REQUIRE(f.install(f.image()));  // makes what is made once
  const std::int64_t before = Object::alive();
  on_install = [](Env& env, ByteView, Object& code, Object&) {
    FieldOf<Object*>("jdk/vm/ci/hotspot/HotSpotCompiledNmethod", "installationFailureMessage",
                     "Ljava/lang/String;")
        .set(code, env.make_string("witness"));
    return 1;
  };
  auto failed = f.install(f.image());
  REQUIRE(failed);
  CHECK(failed->answer == Answer::dependencies_failed);
  CHECK(failed->detail == "witness");
  on_install = [](Env& env, ByteView, Object&, Object&) {
    env.throw_new("jdk/vm/ci/common/JVMCIError", "unexpected");
    return 0;
  };
  auto thrown = f.install(f.image());
  REQUIRE(thrown);
  CHECK(thrown->answer == Answer::refused);
  CHECK(thrown->detail.find("unexpected") != std::string::npos);
  on_install = [](Env&, ByteView, Object&, Object&) -> jint {
    FAIL("installed");
    return 0;
  };
  code::CodeImage gone = f.image();
  gone.methods.push_back(MethodId{200});
  auto unreadable = f.install(gone);
  REQUIRE_FALSE(unreadable);
  CHECK(unreadable.error().code == Errc::class_unreadable);
  CHECK(Object::alive() == before);
}
