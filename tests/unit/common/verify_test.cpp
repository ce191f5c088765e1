// Does verify() accept a good CodeImage, and refuse it when any single rule is broken?
#include <catch2/catch.hpp>

#include "common/code/code_image.h"

namespace jitfarm::code {
namespace {

constexpr MethodId kRoot{10}, kInlined{11}, kCallee{12};

FrameValue in_slot(ValueKind kind, std::int32_t offset) {
  return {kind, ValuePlace::stack_slot, offset, 0};
}
FrameValue constant(ValueKind kind, std::int64_t bits) {
  return {kind, ValuePlace::constant, 0, bits};
}

/// A frame of 80 bytes: rescue 0, thread 8, oops 16 and 24, derived 32, int 40, float 44, long 48;
/// saved rbp and return address above.
CodeImage good_image() {
  const Frame caller{.method = kRoot,
                     .bci = 5,
                     .during_call = true,
                     .locals = {in_slot(ValueKind::object, 16)},
                     .stack = {}};
  Frame inside{.method = kInlined,
               .bci = 9,
               .during_call = true,
               .locals = {in_slot(ValueKind::int_, 40),
                          in_slot(ValueKind::float_, 44),
                          in_slot(ValueKind::long_, 48),
                          {}},
               .stack = {in_slot(ValueKind::object, 24),
                         constant(ValueKind::object, 0),
                         constant(ValueKind::double_, -1),
                         {},
                         {},
                         constant(ValueKind::int_, -7),
                         constant(ValueKind::float_, 0xffc00000)}};
  Frame again = inside;
  again.during_call = false;
  const std::vector<OopSlot> oops = {{16, 16}, {24, 24}, {32, 16}};
  CodeImage image;
  image.task = {.method = kRoot};
  image.text.resize(100, 0x90);
  image.rodata.resize(32);
  image.frame_size = 80;
  image.deopt_rescue_offset = 0;
  image.thread_slot_offset = 8;
  image.sites = {
      {.kind = SiteKind::call_virtual,
       .offset = 8,
       .size = 18,
       .method = kCallee,
       .landing_pad = 60,
       .frames = {caller, inside},
       .oops = oops},
      {.kind = SiteKind::runtime_call,
       .offset = 26,
       .size = 5,
       .target = Target::uncommon_trap,
       .frames = {caller, again},
       .oops = oops},
      {.kind = SiteKind::poll,
       .offset = 40,
       .size = 10,
       .frames = {{.method = kRoot, .bci = 0}},
       .oops = {}},
  };
  image.relocations = {
      {.kind = RelocationKind::rel32_target,
       .offset = 96,
       .target = Target::return_stub,
       .addend = -4},
      {.kind = RelocationKind::rel32_rodata, .offset = 50, .addend = 12},
      {.kind = RelocationKind::rel32_text_in_rodata, .offset = 4, .addend = 70},
      {.kind = RelocationKind::abs64_target, .offset = 72, .target = Target::drem},
      {.kind = RelocationKind::rel32_cell,
       .offset = 63,
       .cell = 1,
       .addend = -4,
       .instruction_offset = 60},
  };
  image.constants = {{ConstantKind::mirror, {20}, 0},
                     {ConstantKind::pool_object, {20}, 3},
                     {ConstantKind::klass, {21}, 0},
                     {ConstantKind::reference, {20}, 0}};
  image.methods = {kRoot, kInlined};
  image.assumptions = {{AssumptionKind::concrete_method, {20}, kCallee, kInlined}};
  image.facts = {{{facts::FactKind::vm_config}, 1}, {{facts::FactKind::class_info, 20}, 2}};
  return image;
}

/// The lock of the innermost frame at the trap; a good one.
FrameLock& with_lock(CodeImage& image) {
  image.sites[1].frames[1].locks = {{.owner = in_slot(ValueKind::object, 24), .slot = 56}};
  return image.sites[1].frames[1].locks[0];
}

struct Broken {
  const char* rule;
  void (*damage)(CodeImage&);
  std::string error;  ///< what verify() says of it
};

// clang-format off: one row for one rule
const Broken kBroken[] = {
    {"version", [](CodeImage& i) { i.version = 2; }, "version 2, known is 1"},
    {"task has a method", [](CodeImage& i) { i.task.method = {}; }, "task: no method"},
    {"entry bci, low", [](CodeImage& i) { i.task.entry_bci = -2; }, "task: entry at bci -2"},
    {"entry bci, high", [](CodeImage& i) { i.task.entry_bci = 65'535; }, "task: entry at bci 65535"},
    {"text is there", [](CodeImage& i) { i.text.clear(); }, "text is empty"},
    {"text limit", [](CodeImage& i) { i.text.resize(kTextBytesMax + 1); }, "text: 4194305, the limit is 4194304"},
    {"rodata limit", [](CodeImage& i) { i.rodata.resize(kRodataBytesMax + 1); }, "rodata: 4194305, the limit is 4194304"},
    {"number of sites", [](CodeImage& i) { i.sites.resize(kTableEntriesMax + 1); }, "sites: 65537, the limit is 65536"},
    {"number of relocations", [](CodeImage& i) { i.relocations.resize(kTableEntriesMax + 1); }, "relocations: 65537, the limit is 65536"},
    {"number of constants", [](CodeImage& i) { i.constants.resize(kTableEntriesMax + 1); }, "constants: 65537, the limit is 65536"},
    {"number of methods", [](CodeImage& i) { i.methods.resize(kTableEntriesMax + 1); }, "methods: 65537, the limit is 65536"},

    {"frame size limit", [](CodeImage& i) { i.frame_size = 30'016; }, "frame_size: 30016, the limit is 30000"},
    {"frame holds the return address", [](CodeImage& i) { i.frame_size = 0; }, "frame_size: 0 is not made of whole words"},
    {"frame of whole words", [](CodeImage& i) { i.frame_size = 84; }, "frame_size: 84 is not made of whole words"},
    {"frame alignment at sites", [](CodeImage& i) { i.frame_size = 88; }, "frame_size: 88 is not 16-aligned, and there are sites"},
    {"sites need a rescue slot", [](CodeImage& i) { i.deopt_rescue_offset = -1; }, "deopt_rescue_offset is not set, and there are sites"},
    {"rescue slot inside the frame", [](CodeImage& i) { i.deopt_rescue_offset = 64; }, "deopt_rescue_offset: slot of 8 bytes at 64 in a frame of 80"},
    {"rescue slot not below the frame", [](CodeImage& i) { i.deopt_rescue_offset = -8; }, "deopt_rescue_offset: slot of 8 bytes at -8 in a frame of 80"},
    {"rescue slot alignment", [](CodeImage& i) { i.deopt_rescue_offset = 4; }, "deopt_rescue_offset: slot at 4 is not 8-aligned"},
    {"thread slot inside the frame", [](CodeImage& i) { i.thread_slot_offset = 72; }, "thread_slot_offset: slot of 8 bytes at 72 in a frame of 80"},
    {"thread slot alignment", [](CodeImage& i) { i.thread_slot_offset = 12; }, "thread_slot_offset: slot at 12 is not 8-aligned"},
    {"thread slot is not the rescue slot", [](CodeImage& i) { i.thread_slot_offset = 0; }, "thread_slot_offset is also deopt_rescue_offset"},

    {"methods exist", [](CodeImage& i) { i.methods.clear(); }, "methods: the first is not the task's"},
    {"root method first", [](CodeImage& i) { std::swap(i.methods[0], i.methods[1]); }, "methods: the first is not the task's"},
    {"no method 0", [](CodeImage& i) { i.methods.push_back({}); }, "methods: one is 0"},
    {"methods differ", [](CodeImage& i) { i.methods.push_back(kInlined); }, "methods: one is listed twice"},

    {"constant kind", [](CodeImage& i) { i.constants[1].kind = ConstantKind::kCount; }, "constants[1]: kind 4"},
    {"constant has a class", [](CodeImage& i) { i.constants[2].klass = {}; }, "constants[2]: no class"},
    {"pool object has an index", [](CodeImage& i) { i.constants[1].cp_index = 0; }, "constants[1]: constant-pool index 0"},
    {"pool index range", [](CodeImage& i) { i.constants[1].cp_index = 65'535; }, "constants[1]: constant-pool index 65535"},
    {"reference index range", [](CodeImage& i) { i.constants[3].cp_index = kReferenceIndexMax + 1; }, "constants[3]: reference index 1048577"},
    {"mirror has no index", [](CodeImage& i) { i.constants[0].cp_index = 1; }, "constants[0]: constant-pool index 1"},
    {"assumption kind", [](CodeImage& i) { i.assumptions[0].kind = AssumptionKind::kCount; }, "assumptions[0]: kind 1"},
    {"assumption's class", [](CodeImage& i) { i.assumptions[0].klass = {}; }, "assumptions[0]: class or method is 0"},
    {"assumption's context", [](CodeImage& i) { i.assumptions[0].context_method = {}; }, "assumptions[0]: class or method is 0"},
    {"assumption's method", [](CodeImage& i) { i.assumptions[0].method = {}; }, "assumptions[0]: class or method is 0"},

    {"site kind", [](CodeImage& i) { i.sites[0].kind = SiteKind::kCount; }, "sites[0]: kind 6"},
    {"site target range", [](CodeImage& i) { i.sites[0].target = Target::kCount; }, "sites[0]: target " + std::to_string(static_cast<int>(Target::kCount))},
    {"site has bytes", [](CodeImage& i) { i.sites[2].size = 0; }, "sites[2]: size 0, the limit is 64"},
    {"site size limit", [](CodeImage& i) { i.sites[2].size = 65; }, "sites[2]: size 65, the limit is 64"},
    {"site inside text", [](CodeImage& i) { i.sites[2].offset = 91; }, "sites[2]: ends at 101 in a text of 100"},
    {"site does not wrap around", [](CodeImage& i) { i.sites[2].offset = 0xffff'fff8; }, "sites[2]: ends at 4294967298 in a text of 100"},
    {"sites ascend", [](CodeImage& i) { i.sites[2].offset = 4; }, "sites[2]: begins at 4, before the end of the one before it"},
    {"sites are disjoint", [](CodeImage& i) { i.sites[1].offset = 25; }, "sites[1]: begins at 25, before the end of the one before it"},
    {"call has a callee", [](CodeImage& i) { i.sites[0].method = {}; }, "sites[0]: a call without callee"},
    {"trap has no callee", [](CodeImage& i) { i.sites[1].method = kCallee; }, "sites[1]: a callee, but it is no call"},
    {"poll has no callee", [](CodeImage& i) { i.sites[2].method = kCallee; }, "sites[2]: a callee, but it is no call"},
    {"call has no target", [](CodeImage& i) { i.sites[0].target = Target::uncommon_trap; }, "sites[0]: target 3 does not go with kind 2"},
    {"trap's target", [](CodeImage& i) { i.sites[1].target = Target::drem; }, "sites[1]: target 4 does not go with kind 4"},
    {"trap without target", [](CodeImage& i) { i.sites[1].target = Target::none; }, "sites[1]: target 0 does not go with kind 4"},
    {"VM entry is no C function", [](CodeImage& i) { i.sites[1].target = Target::write_barrier_pre; }, "sites[1]: target 9 does not go with kind 4"},
    {"landing pad only at calls", [](CodeImage& i) { i.sites[1].landing_pad = 60; }, "sites[1]: landing pad, but it is no call"},
    {"landing pad inside text", [](CodeImage& i) { i.sites[0].landing_pad = 100; }, "sites[0]: landing pad at 100 in a text of 100"},
    {"landing pad not negative", [](CodeImage& i) { i.sites[0].landing_pad = -2; }, "sites[0]: landing pad at -2 in a text of 100"},
    {"landing pad outside sites", [](CodeImage& i) { i.sites[0].landing_pad = 41; }, "sites[0]: landing pad at 41 lies inside a site"},

    {"every site has a frame", [](CodeImage& i) { i.sites[2].frames.clear(); }, "sites[2]: no frame"},
    {"frame depth", [](CodeImage& i) { i.sites[2].frames.resize(65); }, "sites[2]: frames: 65, the limit is 64"},
    {"outermost frame is the root's", [](CodeImage& i) { i.sites[2].frames[0].method = kInlined; }, "sites[2]: the outermost frame is not of the task's method"},
    {"frame's method is listed", [](CodeImage& i) { i.sites[0].frames[1].method = kCallee; }, "sites[0].frames[1]: its method is not among the image's methods"},
    {"bci not negative", [](CodeImage& i) { i.sites[2].frames[0].bci = -1; }, "sites[2].frames[0]: bci -1"},
    {"bci range", [](CodeImage& i) { i.sites[2].frames[0].bci = 65'535; }, "sites[2].frames[0]: bci 65535"},
    {"outer frame is inside a call", [](CodeImage& i) { i.sites[1].frames[0].during_call = false; }, "sites[1].frames[0]: is inside a call, but says reexecute"},
    {"call's frame is inside a call", [](CodeImage& i) { i.sites[0].frames[1].during_call = false; }, "sites[0].frames[1]: is inside a call, but says reexecute"},
    {"trap's frame reexecutes", [](CodeImage& i) { i.sites[1].frames[1].during_call = true; }, "sites[1].frames[1]: is not inside a call, but says so"},
    {"only a trap rethrows", [](CodeImage& i) { i.sites[2].frames[0].rethrows = true; }, "sites[2].frames[0]: rethrows, but it is not the innermost frame of a trap"},
    {"what is rethrown is a reference", [](CodeImage& i) { i.sites[1].frames[1].rethrows = true; }, "sites[1].frames[1]: rethrows, but its stack is not one reference"},
    {"poll's frame reexecutes", [](CodeImage& i) { i.sites[2].frames[0].during_call = true; }, "sites[2].frames[0]: is not inside a call, but says so"},
    {"number of locals", [](CodeImage& i) { i.sites[2].frames[0].locals.resize(65'536); }, "sites[2].frames[0].locals: 65536, the limit is 65535"},
    {"stack depth", [](CodeImage& i) { i.sites[2].frames[0].stack.resize(65'536); }, "sites[2].frames[0].stack: 65536, the limit is 65535"},

    {"value kind", [](CodeImage& i) { i.sites[0].frames[1].locals[0].kind = ValueKind::kCount; }, "sites[0].frames[1].locals[0]: kind 6"},
    {"value place", [](CodeImage& i) { i.sites[0].frames[1].locals[0].place = ValuePlace::kCount; }, "sites[0].frames[1].locals[0]: place 3"},
    {"a value has a place", [](CodeImage& i) { i.sites[0].frames[1].locals[0].place = ValuePlace::none; }, "sites[0].frames[1].locals[0]: kind and place contradict each other"},
    {"illegal has no place", [](CodeImage& i) { i.sites[0].frames[1].locals[3].place = ValuePlace::constant; }, "sites[0].frames[1].locals[3]: kind and place contradict each other"},
    {"value inside the frame", [](CodeImage& i) { i.sites[0].frames[1].locals[2].offset = 64; }, "sites[0].frames[1].locals[2]: slot of 8 bytes at 64 in a frame of 80"},
    {"value offset does not wrap", [](CodeImage& i) { i.sites[0].frames[1].locals[2].offset = INT32_MAX - 7; }, "sites[0].frames[1].locals[2]: slot of 8 bytes at 2147483640 in a frame of 80"},
    {"int alignment", [](CodeImage& i) { i.sites[0].frames[1].locals[0].offset = 42; }, "sites[0].frames[1].locals[0]: slot at 42 is not 4-aligned"},
    {"long alignment", [](CodeImage& i) { i.sites[0].frames[1].locals[2].offset = 44; }, "sites[0].frames[1].locals[2]: slot at 44 is not 8-aligned"},
    {"object alignment", [](CodeImage& i) { i.sites[0].frames[1].stack[0].offset = 20; }, "sites[0].frames[1].stack[0]: slot at 20 is not 8-aligned"},
    {"objects are roots", [](CodeImage& i) { i.sites[0].frames[1].stack[0].offset = 48; }, "sites[0].frames[1].stack[0]: the object in the slot at 48 is not among the site's oops"},
    {"roots of one site are not another's", [](CodeImage& i) { i.sites[2].frames[0].locals = {in_slot(ValueKind::object, 16)}; }, "sites[2].frames[0].locals[0]: the object in the slot at 16 is not among the site's oops"},
    {"long owns the next local", [](CodeImage& i) { i.sites[0].frames[1].locals[3] = constant(ValueKind::int_, 1); }, "sites[0].frames[1].locals[2]: is not followed by its illegal second half"},
    {"long is not last", [](CodeImage& i) { i.sites[0].frames[1].locals.pop_back(); }, "sites[0].frames[1].locals[2]: is not followed by its illegal second half"},
    {"double owns the next entry", [](CodeImage& i) { i.sites[1].frames[1].stack[3] = constant(ValueKind::object, 0); }, "sites[1].frames[1].stack[2]: is not followed by its illegal second half"},
    {"object constants are null", [](CodeImage& i) { i.sites[0].frames[1].stack[1].bits = 1; }, "sites[0].frames[1].stack[1]: an object constant that is not null"},
    {"int constant range", [](CodeImage& i) { i.sites[0].frames[1].stack[5].bits = 1ll << 31; }, "sites[0].frames[1].stack[5]: int constant 2147483648"},
    {"float constant range", [](CodeImage& i) { i.sites[0].frames[1].stack[6].bits = 1ll << 32; }, "sites[0].frames[1].stack[6]: float constant 4294967296"},

    {"oop inside the frame", [](CodeImage& i) { i.sites[0].oops[1] = {64, 64}; }, "sites[0].oops[1]: slot of 8 bytes at 64 in a frame of 80"},
    {"oop alignment", [](CodeImage& i) { i.sites[0].oops[1] = {20, 20}; }, "sites[0].oops[1]: slot at 20 is not 8-aligned"},
    {"base inside the frame", [](CodeImage& i) { i.sites[0].oops[2].base_offset = -8; }, "sites[0].oops[2]: slot of 8 bytes at -8 in a frame of 80"},
    {"each oop once", [](CodeImage& i) { i.sites[0].oops.push_back({24, 24}); }, "sites[0].oops[3]: the slot at 24 is listed twice"},
    {"oop is not the rescue slot", [](CodeImage& i) { i.sites[0].oops.push_back({0, 0}); }, "sites[0].oops[3]: the slot at 0 is the rescue or thread slot"},
    {"oop is not the thread slot", [](CodeImage& i) { i.sites[0].oops.push_back({8, 8}); }, "sites[0].oops[3]: the slot at 8 is the rescue or thread slot"},
    {"base is listed", [](CodeImage& i) { i.sites[0].oops[2].base_offset = 48; }, "sites[0].oops[2]: its base at 48 is not listed as an oop"},
    {"base is not derived", [](CodeImage& i) { i.sites[0].oops.push_back({48, 32}); }, "sites[0].oops[3]: its base at 32 is not listed as an oop"},

    {"relocation kind", [](CodeImage& i) { i.relocations[0].kind = RelocationKind::kCount; }, "relocations[0]: kind 5"},
    {"relocation target range", [](CodeImage& i) { i.relocations[0].target = Target::kCount; }, "relocations[0]: target " + std::to_string(static_cast<int>(Target::kCount))},
    {"relocation inside text", [](CodeImage& i) { i.relocations[0].offset = 97; }, "relocations[0]: 4 bytes at 97 in text of 100"},
    {"relocation does not wrap", [](CodeImage& i) { i.relocations[0].offset = 0xffff'fffe; }, "relocations[0]: 4 bytes at 4294967294 in text of 100"},
    {"8 bytes inside text", [](CodeImage& i) { i.relocations[3].offset = 93; }, "relocations[3]: 8 bytes at 93 in text of 100"},
    {"relocation inside rodata", [](CodeImage& i) { i.relocations[2].offset = 29; }, "relocations[2]: 4 bytes at 29 in rodata of 32"},
    {"relocations are disjoint", [](CodeImage& i) { i.relocations[0].offset = 76; }, "relocations[0]: overlaps relocations[3]"},
    {"relocations in rodata are disjoint", [](CodeImage& i) { i.relocations.push_back(i.relocations[2]); }, "relocations[5]: overlaps relocations[2]"},
    {"relocation outside sites, from before", [](CodeImage& i) { i.relocations[1].offset = 37; }, "relocations[1]: lies inside a site"},
    {"relocation outside sites, at the end", [](CodeImage& i) { i.relocations[1].offset = 49; }, "relocations[1]: lies inside a site"},
    {"jump goes to a stub of the shell", [](CodeImage& i) { i.relocations[0].target = Target::drem; }, "relocations[0]: target 4 does not go with kind 0"},
    {"jump's addend", [](CodeImage& i) { i.relocations[0].addend = 1; }, "relocations[0]: addend 1 is outside -8..0"},
    {"rodata reference has no target", [](CodeImage& i) { i.relocations[1].target = Target::frem; }, "relocations[1]: target 5 does not go with kind 1"},
    {"rodata reference's addend", [](CodeImage& i) { i.relocations[1].addend = 33; }, "relocations[1]: addend 33 is outside -8..32"},
    {"jump table entry has no target", [](CodeImage& i) { i.relocations[2].target = Target::frem; }, "relocations[2]: target 5 does not go with kind 2"},
    {"jump table entry's addend", [](CodeImage& i) { i.relocations[2].addend = -1; }, "relocations[2]: addend -1 is outside 0..132"},
    {"leaf target", [](CodeImage& i) { i.relocations[3].target = Target::return_stub; }, "relocations[3]: target 1 does not go with kind 3"},
    {"leaf addend", [](CodeImage& i) { i.relocations[3].addend = 4; }, "relocations[3]: addend 4 is outside 0..0"},
    {"cell has no target", [](CodeImage& i) { i.relocations[4].target = Target::drem; }, "relocations[4]: target 4 does not go with kind 4"},
    {"cell exists", [](CodeImage& i) { i.relocations[4].cell = 4; }, "relocations[4]: cell 4 of 4"},
    {"cell's addend", [](CodeImage& i) { i.relocations[4].addend = 8; }, "relocations[4]: addend 8 is outside -8..0"},
    {"cell's instruction comes first", [](CodeImage& i) { i.relocations[4].instruction_offset = 63; }, "relocations[4]: its instruction begins at 63, its bytes at 63"},
    {"cell's instruction is near", [](CodeImage& i) { i.relocations[4].instruction_offset = 51; }, "relocations[4]: its instruction begins at 51, its bytes at 63"},

    {"lock owner is a reference", [](CodeImage& i) { with_lock(i).owner = in_slot(ValueKind::long_, 56); }, "sites[1].frames[1].locks[0]: its owner is no object in a stack slot"},
    {"lock owner is listed", [](CodeImage& i) { with_lock(i).owner.offset = 48; }, "sites[1].frames[1].locks[0]: the object in the slot at 48 is not among the site's oops"},
    {"lock slot in the frame", [](CodeImage& i) { with_lock(i).slot = 64; }, "sites[1].frames[1].locks[0]: slot of 8 bytes at 64 in a frame of 80"},
    {"lock slot is aligned", [](CodeImage& i) { with_lock(i).slot = 44; }, "sites[1].frames[1].locks[0]: slot at 44 is not 8-aligned"},
    {"lock slot is not the VM's", [](CodeImage& i) { with_lock(i).slot = 0; }, "sites[1].frames[1].locks[0]: its slot is the rescue or thread slot"},
    {"lock slot is no reference", [](CodeImage& i) { with_lock(i).slot = 24; }, "sites[1].frames[1].locks[0]: the slot at 24 has another use"},
    {"lock slots differ", [](CodeImage& i) { with_lock(i); i.sites[1].frames[0].locks = i.sites[1].frames[1].locks; }, "sites[1].frames[1].locks[0]: the slot at 56 has another use"},
    {"number of locks", [](CodeImage& i) { with_lock(i); i.sites[1].frames[1].locks.resize(kFrameLocksMax + 1); }, "sites[1].frames[1].locks: 65, the limit is 64"},

    {"fact kind", [](CodeImage& i) { i.facts[0].key.kind = {}; }, "facts[0]: kind 0"},
    {"facts ascend", [](CodeImage& i) { std::swap(i.facts[0], i.facts[1]); }, "facts[1]: is not above the one before"},
    {"facts differ", [](CodeImage& i) { i.facts[1] = i.facts[0]; }, "facts[1]: is not above the one before"},
};
// clang-format on

TEST_CASE("verify: a good image is accepted", "[code]") {
  const Status status = verify(good_image());
  INFO((status ? "" : status.error().message()));
  CHECK(status);
}

TEST_CASE("verify: a leaf without frame and sites is accepted", "[code]") {
  CodeImage image;
  image.task = {.method = kRoot};
  image.text = {0xc3};
  image.frame_size = 8;
  image.methods = {kRoot};
  CHECK(verify(image));
}

TEST_CASE("verify: a site may end where text ends", "[code]") {
  CodeImage image = good_image();
  image.relocations.clear();
  image.sites.erase(image.sites.begin(), image.sites.begin() + 2);
  image.sites[0].offset = 90;
  CHECK(verify(image));
}

TEST_CASE("verify: a VM entry may throw: it may have a landing pad", "[code]") {
  CodeImage image = good_image();
  image.sites[1].target = Target::new_array;
  image.sites[1].landing_pad = 60;
  CHECK(verify(image));
}

TEST_CASE("verify: frames hold locks; a monitor is entered during its bytecode or before the first",
          "[code]") {
  CodeImage image = good_image();
  with_lock(image);
  image.sites[0].frames[1].locks = image.sites[1].frames[1].locks;  // slots are those of one site
  CHECK(verify(image));
  image.sites[1].target = Target::monitor_enter;
  CHECK(verify(image));
  image.sites[1].frames[1].during_call = true;
  CHECK(verify(image));
  image.sites[1].target = Target::new_instance;
  CHECK_FALSE(verify(image));
}

TEST_CASE("verify: the result does not depend on the order of relocations", "[code]") {
  CodeImage image = good_image();
  std::ranges::reverse(image.relocations);
  CHECK(verify(image));
}

TEST_CASE("verify: an image that breaks any one rule is refused, and the error says which",
          "[code]") {
  for (const Broken& broken : kBroken) {
    CodeImage image = good_image();
    broken.damage(image);
    INFO(broken.rule);
    const Status status = verify(image);
    CHECK_FALSE(status);
    if (status) continue;
    CHECK(status.error().code == Errc::invalid_code_image);
    CHECK(status.error().detail == broken.error);
  }
}

}  // namespace
}  // namespace jitfarm::code
