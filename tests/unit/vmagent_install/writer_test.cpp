// The graph of objects is checked where HotSpot would read it: in a native that stands in for
// CompilerToVM.installCode.
#include <catch2/catch.hpp>
#include <functional>
#include <memory>

#include "tests/unit/vmagent_install/sample.h"
#include "vmagent/hotspot/writer/code_writer.h"
#include "vmagent/jvmci/natives.h"
#include "vmagent/jvmci/table.h"
#include "vmagent/jvmci/world.h"

using namespace jitfarm;
using namespace jitfarm::vmagent;
using namespace jitfarm::vmagent::jvmci;
using hotspot::writer::Answer;
using hotspot::writer::CodeWriter;

namespace {

std::function<jint(Env&, Object& code, Object& mirror)> on_install;

jint install_code(JNIEnv* env, jobject, jobject target, jobject code, jobject mirror, jlong,
                  jobject speculations) {
  REQUIRE(target);
  REQUIRE(speculations);
  return on_install(from_jni(env), *from_jni(code), *from_jni(mirror));
}
jint allocate_compile_id(JNIEnv*, jobject, jobject, jint) { return 77; }
void update_nmethod(JNIEnv*, jobject, jobject) {}

/// Reads what hangs below an object, by path; a number is an index.
struct Reader {
  Object* object;
  Reader operator[](std::pair<const char*, const char*> field) const {
    REQUIRE(object);
    return {FieldOf<Object*>(object->klass().name(), field.first, field.second).get(*object)};
  }
  Reader operator[](std::uint32_t i) const {
    REQUIRE(object);
    REQUIRE(i < object->length());
    return {object->elements()[i]};
  }
  jint number(const char* field) const {
    return FieldOf<jint>(object->klass().name(), field, "I").get(*object);
  }
  jlong wide(const char* field) const {
    return FieldOf<jlong>(object->klass().name(), field, "J").get(*object);
  }
  bool truth(const char* field) const {
    return FieldOf<jboolean>(object->klass().name(), field, "Z").get(*object) != 0;
  }
  std::string kind() const { return object ? object->klass().name() : "null"; }
};

using Path = std::pair<const char*, const char*>;
constexpr Path kSites{"sites", "["};
constexpr Path kDebugInfo{"debugInfo", "L"};
constexpr Path kPosition{"bytecodePosition", "L"};
constexpr Path kValues{"values", "["};
constexpr Path kKinds{"slotKinds", "["};

class FakeObjects final : public hotspot::writer::VmObjects {
 public:
  explicit FakeObjects(Env& env) : env_(env) {}
  Result<Object*> method(MethodId id) override {
    if (id.value > 100) return fail(Errc::class_unreadable, "gone");
    return make("jdk/vm/ci/hotspot/HotSpotResolvedJavaMethodImpl", id.value);
  }
  Result<Object*> type(ClassId id) override {
    return make("jdk/vm/ci/hotspot/HotSpotResolvedObjectTypeImpl", id.value);
  }
  Result<Object*> object(const code::Constant&) override {
    return make("jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl", 0);
  }
  Result<std::uint64_t> method_address(MethodId) override {
    return fail(Errc::class_unreadable, "not asked for");
  }
  Result<std::uint64_t> class_address(ClassId) override {
    return fail(Errc::class_unreadable, "not asked for");
  }

 private:
  Result<Object*> make(std::string_view klass, std::uint64_t id) {
    const FieldOf<jlong> test_id(klass, "testId",
                                 "J");  // before the object, which has no slots for later fields
    Object* object = env_.make(World::get().find_class(klass));
    test_id.set(*object, static_cast<jlong>(id));
    return object;
  }
  Env& env_;
};

struct Fixture {
  Fixture()
      : runtime(Runtime::find(Runtime::create(&invoke_interface()).vm())), env(Env::of(runtime)) {
    World& world = World::get();
    Class& vm = world.find_class(kCompilerToVm);
    world.register_native(vm, "installCode", "()", reinterpret_cast<void*>(install_code));
    world.register_native(vm, "allocateCompileId", "()",
                          reinterpret_cast<void*>(allocate_compile_id));
    world.register_native(vm, "updateHotSpotNmethod", "()",
                          reinterpret_cast<void*>(update_nmethod));
    world.register_native(vm, "invalidateHotSpotNmethod", "()",
                          reinterpret_cast<void*>(update_nmethod));
    writer = *hotspot::writer::make_jdk17_writer(
        {.ok = 0, .dependencies_failed = 1, .cache_full = 2, .code_too_large = 4});
  }
  ~Fixture() { Runtime::destroy(runtime->vm()); }

  code::CodeImage image() {
    using code::ValueKind;
    using code::ValuePlace;
    code::CodeImage image = tests::sample_image(Bytes(60, 0x90));
    Bytes load{0x48, 0x8b, 0x05, 0, 0, 0, 0};
    std::ranges::copy(load, image.text.begin() + 50);
    code::Frame outer{
        .method = MethodId{7},
        .bci = 3,
        .during_call = true,
        .locals = {{.kind = ValueKind::object, .place = ValuePlace::stack_slot, .offset = 8}}};
    code::Frame inner{
        .method = MethodId{8},
        .bci = 1,
        .during_call = true,
        .locals = {{.kind = ValueKind::long_, .place = ValuePlace::stack_slot, .offset = 16}, {}},
        .stack = {{.kind = ValueKind::double_, .place = ValuePlace::constant, .bits = -5},
                  {},
                  {.kind = ValueKind::object, .place = ValuePlace::constant}}};
    image.sites = {{.kind = code::SiteKind::call_static,
                    .offset = 8,
                    .size = 8,
                    .method = MethodId{9},
                    .landing_pad = 40,
                    .frames = {outer, inner},
                    .oops = {{8, 8}, {24, 8}}},
                   {.kind = code::SiteKind::runtime_call,
                    .offset = 20,
                    .size = 5,
                    .target = code::Target::uncommon_trap,
                    .frames = {outer}},
                   {.kind = code::SiteKind::poll, .offset = 30, .size = 10, .frames = {outer}}};
    image.constants = {{.kind = code::ConstantKind::klass, .klass = ClassId{4}},
                       {.kind = code::ConstantKind::mirror, .klass = ClassId{5}}};
    image.relocations = {{.kind = code::RelocationKind::rel32_cell,
                          .offset = 53,
                          .cell = 1,
                          .addend = -4,
                          .instruction_offset = 50}};
    image.methods = {MethodId{7}, MethodId{8}};
    image.assumptions = {
        {.klass = ClassId{4}, .context_method = MethodId{9}, .method = MethodId{9}}};
    return image;
  }

  Result<hotspot::writer::Written> install(const code::CodeImage& code_image) {
    auto shell = hotspot::shell::make_jdk17_shell(tests::sample_config());
    auto code = (*shell)->assemble(code_image, 0);
    REQUIRE(code);
    assembled = *code;
    LocalFrame frame(env);
    FakeObjects objects(env);
    return writer->install(
        env, objects,
        {.image = code_image, .code = assembled, .compile_state = 1234, .compile_id = 55});
  }

  std::shared_ptr<Runtime> runtime;
  Env& env;
  std::unique_ptr<CodeWriter> writer;
  hotspot::shell::AssembledCode assembled;
};

}  // namespace

TEST_CASE("writer: HotSpot finds every site, frame state and constant of an image") {
  Fixture f;
  bool called = false;
  on_install = [&](Env&, Object& code, Object& mirror) {
    called = true;
    Reader nmethod{&code};
    CHECK(nmethod.kind() == "jdk/vm/ci/hotspot/HotSpotCompiledNmethod");
    CHECK(nmethod.number("id") == 55);
    CHECK(nmethod.number("entryBCI") == -1);
    CHECK(nmethod.wide("compileState") == 1234);
    CHECK(nmethod.number("totalFrameSize") == 64);
    CHECK(nmethod.number("targetCodeSize") == static_cast<jint>(f.assembled.code.size()));
    CHECK(nmethod[{"deoptRescueSlot", "L"}].number("offset") == 0);
    CHECK(nmethod[{"methods", "["}].object->length() == 2);
    CHECK(nmethod[{"methods", "["}][1].wide("testId") == 8);
    Reader assumption = nmethod[{"assumptions", "["}][0];
    CHECK(assumption[{"context", "L"}].wide("testId") == 4);
    CHECK(assumption[{"impl", "L"}].wide("testId") == 9);
    REQUIRE(nmethod[{"dataSectionPatches", "["}].object->length() == 2);
    Reader klass = nmethod[{"dataSectionPatches", "["}][0][{"reference", "L"}][{"constant", "L"}];
    CHECK(klass.kind() == "jdk/vm/ci/hotspot/HotSpotMetaspaceConstantImpl");
    CHECK(klass[{"metaspaceObject", "L"}].wide("testId") == 4);
    CHECK(nmethod[{"dataSectionPatches", "["}][1].number("pcOffset") == 8);

    Reader sites = nmethod[kSites];
    REQUIRE(sites.object->length() == f.assembled.sites.size());
    std::size_t seen = 0;
    for (std::uint32_t i = 0; i < f.assembled.sites.size(); ++i) {
      const hotspot::shell::InstallSite& expected = f.assembled.sites[i];
      Reader site = sites[i];
      CHECK(site.number("pcOffset") == static_cast<jint>(expected.pc));
      switch (expected.kind) {
        case hotspot::shell::InstallSiteKind::mark:
          CHECK(site.kind() == "jdk/vm/ci/code/site/Mark");
          CHECK(FieldOf<jint>("java/lang/Integer", "value", "I").get(*site[{"id", "L"}].object) ==
                expected.mark);
          break;
        case hotspot::shell::InstallSiteKind::java_call: {
          ++seen;
          CHECK(site.kind() == "jdk/vm/ci/code/site/Call");
          CHECK(site[{"target", "L"}].wide("testId") == 9);
          Reader inner = site[kDebugInfo][kPosition];
          CHECK(inner.kind() == "jdk/vm/ci/code/BytecodeFrame");
          CHECK(inner.number("bci") == 1);
          CHECK(inner.truth("duringCall"));
          CHECK(inner[{"method", "L"}].wide("testId") == 8);
          CHECK(inner.number("numLocals") == 2);
          CHECK(inner.number("numStack") == 3);
          CHECK(inner[kValues][0].number("offset") == 16);
          CHECK(inner[kValues][2].kind() == "jdk/vm/ci/meta/PrimitiveConstant");
          CHECK(inner[kValues][2].wide("primitive") == -5);
          CHECK(inner[kValues][4].kind() == "jdk/vm/ci/meta/NullConstant");
          std::string kinds;
          for (std::uint32_t k = 0; k < 5; ++k)
            kinds += static_cast<char>(FieldOf<jchar>("jdk/vm/ci/meta/JavaKind", "typeChar", "C")
                                           .get(*inner[kKinds][k].object));
          CHECK(kinds == "J-D-A");
          Reader outer = inner[{"caller", "L"}];
          CHECK(outer.number("bci") == 3);
          CHECK(outer[{"caller", "L"}].object == nullptr);
          Reader map = site[kDebugInfo][{"referenceMap", "L"}];
          CHECK(map[{"objects", "["}][1].number("offset") == 24);
          CHECK(map[{"derivedBase", "["}][0].object == nullptr);
          CHECK(map[{"derivedBase", "["}][1].number("offset") == 8);
          CHECK(map[{"sizeInBytes", "["}].object->ints()[1] == 8);
          break;
        }
        case hotspot::shell::InstallSiteKind::foreign_call:
          CHECK(site[{"target", "L"}].wide("address") == static_cast<jlong>(expected.address));
          CHECK((site[kDebugInfo].object != nullptr) == (expected.image_site >= 0));
          break;
        case hotspot::shell::InstallSiteKind::safepoint:
          ++seen;
          CHECK(site.kind() == "jdk/vm/ci/code/site/Infopoint");
          CHECK(site[{"reason", "L"}].object ==
                (FieldOf<Object*>("jdk/vm/ci/code/site/InfopointReason", "SAFEPOINT", "L", true)
                     .get_static()));
          break;
        case hotspot::shell::InstallSiteKind::data_patch:
          ++seen;
          CHECK(site[{"reference", "L"}].number("offset") == 8);
          break;
        case hotspot::shell::InstallSiteKind::exception_handler:
          ++seen;
          CHECK(site.number("handlerPos") == static_cast<jint>(expected.handler_pc));
          break;
      }
    }
    CHECK(seen == 4);
    CHECK(Reader{&mirror}.truth("isDefault"));
    CHECK(Reader{&mirror}.wide("compileIdSnapshot") == 55);
    FieldOf<jlong>("jdk/vm/ci/hotspot/HotSpotInstalledCode", "codeStart", "J").set(mirror, 0x1000);
    return 0;
  };
  auto written = f.install(f.image());
  REQUIRE(called);
  REQUIRE(written);
  CHECK(written->answer == Answer::installed);
  CHECK(written->code_begin == 0x1000);
  CHECK(written->mirror);
}

TEST_CASE("writer: a special bci never equals a real one for HotSpot") {
  Fixture f;
  for (const char* name : {"UNWIND_BCI", "BEFORE_BCI", "AFTER_BCI", "AFTER_EXCEPTION_BCI",
                           "UNKNOWN_BCI", "INVALID_FRAMESTATE_BCI"})
    CHECK(FieldOf<jint>("jdk/vm/ci/code/BytecodeFrame", name, "I", true).get_static() < 0);
}

TEST_CASE("writer: HotSpot's refusals and exceptions are answers, and nothing stays alive") {
  Fixture f;
  on_install = [](Env&, Object&, Object&) { return 0; };
  REQUIRE(f.install(f.image()));  // makes what is made once
  const std::int64_t before = Object::alive();
  on_install = [](Env& env, Object& code, Object&) {
    FieldOf<Object*>("jdk/vm/ci/hotspot/HotSpotCompiledNmethod", "installationFailureMessage",
                     "Ljava/lang/String;")
        .set(code, env.make_string("witness"));
    return 1;
  };
  auto failed = f.install(f.image());
  REQUIRE(failed);
  CHECK(failed->answer == Answer::dependencies_failed);
  CHECK(failed->detail == "witness");
  on_install = [](Env&, Object&, Object&) { return 2; };
  CHECK(f.install(f.image())->answer == Answer::cache_full);
  on_install = [](Env&, Object&, Object&) { return 4; };
  CHECK(f.install(f.image())->answer == Answer::code_too_large);
  on_install = [](Env& env, Object&, Object&) {
    env.throw_new("jdk/vm/ci/common/JVMCIError", "unexpected");
    return 0;
  };
  auto thrown = f.install(f.image());
  REQUIRE(thrown);
  CHECK(thrown->answer == Answer::refused);
  CHECK(thrown->detail.find("unexpected") != std::string::npos);
  CHECK(f.env.pending() == nullptr);
  code::CodeImage gone = f.image();
  gone.methods.push_back(MethodId{200});
  auto unreadable = f.install(gone);
  REQUIRE_FALSE(unreadable);
  CHECK(unreadable.error().code == Errc::class_unreadable);
  CHECK(Object::alive() == before);
}
