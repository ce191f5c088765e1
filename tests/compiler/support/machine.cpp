#include "tests/compiler/support/machine.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <stdexcept>

namespace jitfarm::tests::compiler {

namespace bytecode = worker::compiler::bytecode;

/// What r15 points to. The VM's own fields lie in the first KiB, at the offsets of VmConfig; the test's lie behind.
struct Machine::Thread {
  std::uint8_t vm[1024];
  std::uint64_t saved_rsp;        // 1024
  std::uint64_t heap_base;        // 1032
  std::uint64_t integers[6];      // 1040: rdi rsi rdx rcx r8 r9
  double floats[8];               // 1088
  const std::uint64_t* stack;     // 1152
  std::uint64_t stack_words;      // 1160
  std::uint64_t result;           // 1168
  std::uint64_t float_result;     // 1176
  std::uint64_t site;             // 1184: index of the image << 32 | index of the site
  std::uint64_t entry;            // 1192
  std::uint64_t call_integers[6]; // 1200
  std::uint64_t call_floats[8];   // 1248
  std::uint64_t return_value;     // 1312
  std::uint64_t return_float;     // 1320
  std::uint64_t unwound;          // 1328
  Machine* machine;               // 1336
};

struct Machine::Installed {
  code::CodeImage image;
  std::uint8_t* text = nullptr;
  std::vector<std::uint64_t*> oop_cells;
  std::uint64_t index = 0;
};

}  // namespace jitfarm::tests::compiler

using jitfarm::tests::compiler::Machine;

extern "C" {

/// Called by jf_test_site with the thread and the rsp of the compiled frame.
std::uint64_t jf_test_at_site(Machine::Thread* thread, std::uint64_t rsp) {
  return thread->machine->at_site(*thread, rsp);
}

// Enters compiled code with the registers of the thread block rdi.
[[gnu::naked]] void jf_test_enter(Machine::Thread*) {
  asm volatile(R"(
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    push 1024(%rdi)
    mov %rsp, 1024(%rdi)
    mov %rdi, %r15
    mov 1160(%r15), %rcx
    lea 1(%rcx), %rdx
    and $-2, %rdx
    shl $3, %rdx
    sub %rdx, %rsp
    mov 1152(%r15), %rsi
    mov %rsp, %rdi
    cld
    rep movsq
    movsd 1088(%r15), %xmm0
    movsd 1096(%r15), %xmm1
    movsd 1104(%r15), %xmm2
    movsd 1112(%r15), %xmm3
    movsd 1120(%r15), %xmm4
    movsd 1128(%r15), %xmm5
    movsd 1136(%r15), %xmm6
    movsd 1144(%r15), %xmm7
    mov 1040(%r15), %rdi
    mov 1048(%r15), %rsi
    mov 1056(%r15), %rdx
    mov 1064(%r15), %rcx
    mov 1072(%r15), %r8
    mov 1080(%r15), %r9
    mov 1032(%r15), %r12
    mov 1192(%r15), %r11
    call *%r11
    mov %rax, 1168(%r15)
    movsd %xmm0, 1176(%r15)
    .globl jf_test_leave
    .hidden jf_test_leave
  jf_test_leave:
    vzeroupper
    mov 1024(%r15), %rsp
    mov %r15, %rdi
    pop 1024(%rdi)
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
  )");
}
void jf_test_leave();

// Where the unwind stub goes: the frame is popped, rax holds the exception.
[[gnu::naked]] void jf_test_unwind() {
  asm volatile(R"(
    mov %rax, 1168(%r15)
    movq $1, 1328(%r15)
    jmp jf_test_leave
  )");
}

// Where every site goes, with its number pushed on the return address. Behind it all registers but rsp and rbp
// hold garbage, as HotSpot's convention allows; only results count.
[[gnu::naked]] void jf_test_site() {
  asm volatile(R"(
    mov %rdi, 1200(%r15)
    mov %rsi, 1208(%r15)
    mov %rdx, 1216(%r15)
    mov %rcx, 1224(%r15)
    mov %r8, 1232(%r15)
    mov %r9, 1240(%r15)
    movsd %xmm0, 1248(%r15)
    movsd %xmm1, 1256(%r15)
    movsd %xmm2, 1264(%r15)
    movsd %xmm3, 1272(%r15)
    movsd %xmm4, 1280(%r15)
    movsd %xmm5, 1288(%r15)
    movsd %xmm6, 1296(%r15)
    movsd %xmm7, 1304(%r15)
    pop %rax
    mov %rax, 1184(%r15)
    mov %rsp, %rbx
    mov %r15, %r14
    vzeroupper
    mov %r15, %rdi
    lea 8(%rsp), %rsi
    and $-16, %rsp
    call jf_test_at_site
    mov %rbx, %rsp
    mov %r14, %r15
    cmp $1, %rax
    je jf_test_leave
    mov %rax, %r11
    mov 1312(%r15), %rax
    movsd 1320(%r15), %xmm0
    mov $0x5eedbadc0ffee, %rbx
    mov %rbx, %rcx
    mov %rbx, %rdx
    mov %rbx, %rsi
    mov %rbx, %rdi
    mov %rbx, %r8
    mov %rbx, %r9
    mov %rbx, %r10
    mov %rbx, %r12
    mov %rbx, %r13
    mov %rbx, %r14
    vmovq %rbx, %xmm1
    vmovq %rbx, %xmm2
    vmovq %rbx, %xmm3
    vmovq %rbx, %xmm4
    vmovq %rbx, %xmm5
    vmovq %rbx, %xmm6
    vmovq %rbx, %xmm7
    vmovq %rbx, %xmm8
    vmovq %rbx, %xmm9
    vmovq %rbx, %xmm10
    vmovq %rbx, %xmm11
    vmovq %rbx, %xmm12
    vmovq %rbx, %xmm13
    vmovq %rbx, %xmm14
    vmovq %rbx, %xmm15
    test %r11, %r11
    jnz 1f
    mov %rbx, %r11
    ret
  1:
    add $8, %rsp
    jmp *%r11
  )");
}
}

namespace jitfarm::tests::compiler {
namespace {

constexpr std::size_t kAreaBytes = 64 << 20;
constexpr std::size_t kThunkBytes = 32;

static_assert(sizeof(double) == 8);

/// C functions of the VM that compiled code calls.
double leaf_drem(double a, double b) { return std::fmod(a, b); }
float leaf_frem(float a, float b) { return std::fmod(a, b); }
void leaf_write_barrier_pre(Machine::Thread* thread, Address overwritten) { thread->machine->at_barrier(overwritten); }
void leaf_write_barrier_post(Machine::Thread* thread, const std::uint8_t* card) { thread->machine->at_barrier(card); }

void leaf_monitor_exit(Machine::Thread* thread, Address object, std::uint64_t* slot) {
  thread->machine->at_unlock(object, slot);
}

std::uint64_t leaf_address(code::Target target) {
  switch (target) {
    case code::Target::monitor_exit:
      return reinterpret_cast<std::uint64_t>(&leaf_monitor_exit);
    case code::Target::drem:
      return reinterpret_cast<std::uint64_t>(&leaf_drem);
    case code::Target::frem:
      return reinterpret_cast<std::uint64_t>(&leaf_frem);
    case code::Target::write_barrier_pre:
      return reinterpret_cast<std::uint64_t>(&leaf_write_barrier_pre);
    case code::Target::write_barrier_post:
      return reinterpret_cast<std::uint64_t>(&leaf_write_barrier_post);
    default:
      throw std::runtime_error("a C function of no kind");
  }
}

void put32(std::uint8_t* at, std::int64_t value) {
  const auto narrow = static_cast<std::int32_t>(value);
  if (narrow != value) throw std::runtime_error("out of reach");
  std::memcpy(at, &narrow, 4);
}
void put64(std::uint8_t* at, std::uint64_t value) { std::memcpy(at, &value, 8); }

/// jmp [rip+0]; address
void put_jump(std::uint8_t* at, void (*target)()) {
  const std::uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};
  std::memcpy(at, jump, sizeof jump);
  put64(at + sizeof jump, reinterpret_cast<std::uint64_t>(target));
}

std::uint8_t* aligned(std::uint8_t* at) {
  return reinterpret_cast<std::uint8_t*>((reinterpret_cast<std::uint64_t>(at) + 31) / 32 * 32);
}

template <class T>
T& at(std::uint64_t address) {
  return *reinterpret_cast<T*>(address);
}

}  // namespace

Machine::Machine(World& world, MachineOptions options)
    : Interpreter(world), world_(world), options_(options), thread_(std::make_unique<Thread>()) {
  static_assert(offsetof(Thread, saved_rsp) == 1024 && offsetof(Thread, floats) == 1088 && offsetof(Thread, stack) == 1152);
  static_assert(offsetof(Thread, result) == 1168 && offsetof(Thread, site) == 1184 && offsetof(Thread, entry) == 1192);
  static_assert(offsetof(Thread, call_floats) == 1248 && offsetof(Thread, return_value) == 1312);
  static_assert(offsetof(Thread, unwound) == 1328 && offsetof(Thread, machine) == 1336);
  *thread_ = {};
  thread_->machine = this;
  thread_->vm[world.vm().thread_polling_word] = options.arm_polls ? 1 : 0;
  // Queues are always full: every note comes to us.
  thread_->vm[world.vm().g1_satb_active] = options.marking ? 1 : 0;
  void* area = mmap(nullptr, kAreaBytes, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) throw std::runtime_error("no memory for code");
  area_ = static_cast<std::uint8_t*>(area);
}

Machine::~Machine() { munmap(area_, kAreaBytes); }

void Machine::complain(std::string text) {
  if (complaint.empty()) complaint = std::move(text);
}

void Machine::install(LoadedMethod& method, const code::CodeImage& image) {
  auto code = std::make_unique<Installed>();
  code->image = image;
  code->index = by_index_.size();
  std::uint8_t* next = aligned(area_ + used_);
  std::uint8_t* const return_stub = next;
  *return_stub = 0xc3;
  std::uint8_t* const unwind_stub = next += 32;
  put_jump(unwind_stub, jf_test_unwind);
  std::uint8_t* const thunks = next += 32;
  code->text = next += image.sites.size() * kThunkBytes;
  std::memcpy(code->text, image.text.data(), image.text.size());
  std::uint8_t* const rodata = next = aligned(next + image.text.size());
  std::memcpy(rodata, image.rodata.data(), image.rodata.size());
  std::uint8_t* const cells = aligned(next + image.rodata.size());
  used_ = static_cast<std::size_t>(cells + image.constants.size() * 8 - area_);
  if (used_ > kAreaBytes) throw std::runtime_error("no room for code");

  for (std::size_t i = 0; i < image.sites.size(); ++i) {
    const code::Site& site = image.sites[i];
    std::uint8_t* thunk = thunks + i * kThunkBytes;
    // movabs $number, r10; push r10; jmp
    const std::uint64_t number = code->index << 32 | i;
    thunk[0] = 0x49;
    thunk[1] = 0xba;
    put64(thunk + 2, number);
    thunk[10] = 0x41;
    thunk[11] = 0x52;
    put_jump(thunk + 12, jf_test_site);
    std::memset(code->text + site.offset, 0x90, site.size);
    std::uint8_t* call = code->text + site.offset + site.size - 5;
    call[0] = 0xe8;
    put32(call + 1, thunk - (call + 5));
  }
  for (std::size_t i = 0; i < image.constants.size(); ++i) {
    const bool is_klass = image.constants[i].kind == code::ConstantKind::klass;
    put64(cells + i * 8, is_klass ? world_.klass_address(image.constants[i].klass)
                                  : world_.klass_by_id(image.constants[i].klass)->mirror);
    if (!is_klass) code->oop_cells.push_back(reinterpret_cast<std::uint64_t*>(cells + i * 8));
  }
  for (const code::Relocation& relocation : image.relocations) {
    std::uint8_t* place = code->text + relocation.offset;
    switch (relocation.kind) {
      case code::RelocationKind::rel32_target:
        put32(place, (relocation.target == code::Target::return_stub ? return_stub : unwind_stub) + relocation.addend - place);
        break;
      case code::RelocationKind::rel32_rodata:
        put32(place, rodata + relocation.addend - place);
        break;
      case code::RelocationKind::rel32_text_in_rodata:
        place = rodata + relocation.offset;
        put32(place, code->text + relocation.addend - place);
        break;
      case code::RelocationKind::abs64_target:
        put64(place, leaf_address(relocation.target));
        break;
      case code::RelocationKind::rel32_cell:
        put32(place, cells + relocation.cell * 8 + relocation.addend - place);
        break;
      case code::RelocationKind::kCount:
        throw std::runtime_error("a relocation of no kind");
    }
  }
  by_index_.push_back(code.get());
  installed_[&method] = std::move(code);
}

Ending Machine::invoke(LoadedMethod& method, const std::vector<Slot>& arguments) {
  const auto found = installed_.find(&method);
  if (found == installed_.end()) return interpret(method, arguments);
  return run_compiled(*found->second, method, arguments);
}

Ending Machine::run_compiled(const Installed& code, LoadedMethod& method, const std::vector<Slot>& arguments) {
  if (active_.size() > 100) return throw_new("java/lang/StackOverflowError");
  ++counts.runs;
  constexpr std::size_t kOrder[6] = {1, 2, 3, 4, 5, 0};  // j0 to j5 are rsi rdx rcx r8 r9 rdi
  Thread& thread = *thread_;
  std::size_t integers = 0, floats = 0;
  std::vector<std::uint64_t> stack;
  for (const Slot& argument : arguments) {
    // The upper half of an int's register holds anything.
    const std::uint64_t garbage = argument.type == SlotType::i || argument.type == SlotType::f ? 0xdeadbeefull << 32 : 0;
    const std::uint64_t bits = argument.bits | garbage;
    const bool is_float = argument.type == SlotType::f || argument.type == SlotType::d;
    if (is_float && floats < 8)
      thread.floats[floats++] = std::bit_cast<double>(bits);
    else if (!is_float && integers < 6)
      thread.integers[kOrder[integers++]] = bits;
    else
      stack.push_back(bits);
  }
  thread.stack = stack.data();
  thread.stack_words = stack.size();
  thread.heap_base = world_.vm().narrow_oop_base;
  thread.entry = reinterpret_cast<std::uint64_t>(code.text);
  thread.unwound = 0;
  const std::size_t depth = endings_.size();
  open_buffer(thread);
  jf_test_enter(&thread);
  close_buffer(thread);
  if (endings_.size() > depth) {
    Ending ending = std::move(endings_.back());
    endings_.pop_back();
    return ending;
  }
  if (thread.unwound != 0) {
    thread.unwound = 0;
    const LoadedClass* klass = world_.class_of(thread.result);
    if (klass == nullptr) complain("a method is left with an exception that is none");
    return {.exception = klass == nullptr ? "none" : klass->file.name, .thrown = thread.result};
  }
  Ending ending;
  switch (bytecode::slot_type(method.signature.result)) {
    case SlotType::f:
      ending.value = {SlotType::f, thread.float_result & 0xffffffff};
      if (std::isnan(std::bit_cast<float>(static_cast<std::uint32_t>(ending.value.bits)))) ending.value.bits = 0x7fc00000;
      break;
    case SlotType::d:
      ending.value = {SlotType::d, thread.float_result};
      if (std::isnan(std::bit_cast<double>(ending.value.bits))) ending.value.bits = 0x7ff8000000000000;
      break;
    case SlotType::j:
      ending.value = {SlotType::j, thread.result};
      break;
    case SlotType::a:
      ending.value = {SlotType::a, thread.result};
      break;
    default:
      if (method.signature.result != 'V') ending.value = {SlotType::i, thread.result & 0xffffffff};
      break;
  }
  return ending;
}

/// Checks the references that the tables list, and moves the heap when that is wanted.
void Machine::safepoint(std::vector<Slot>* extra) {
  const Heap& heap = world_.heap();
  for (const ActiveFrame& frame : active_)
    for (const code::OopSlot& oop : frame.site->oops) {
      const std::uint64_t base = at<std::uint64_t>(frame.rsp + static_cast<std::uint64_t>(oop.base_offset));
      if (base != 0 && !heap.is_object(base))
        complain(fmt::format("{:#x} in the slot at {} is no object", base, oop.base_offset));
    }
  for (const ActiveFrame& frame : active_)
    for (const code::Frame& state : frame.site->frames)
      for (std::size_t i = 0; i < state.locks.size(); ++i) {
        const bool is_taken = frame.site->target == code::Target::monitor_enter && i + 1 == state.locks.size();
        const auto owner = at<Address>(frame.rsp + static_cast<std::uint64_t>(state.locks[i].owner.offset));
        if (!is_taken && !is_locked(owner)) complain("a frame holds a monitor that is not locked");
      }
  if (options_.move_heap) forward(world_.heap().move(), extra);
}

void Machine::restore(ByteView content) {
  forward(world_.heap().move_home(), nullptr);
  world_.heap().restore(content);
}

/// After a moving collection: every reference that the tables list is updated, everything else is stale from here on.
void Machine::forward(std::int64_t moved_by, std::vector<Slot>* extra) {
  const auto distance = static_cast<std::uint64_t>(moved_by);
  for (const ActiveFrame& frame : active_)
    for (const code::OopSlot& oop : frame.site->oops) {
      std::uint64_t& slot = at<std::uint64_t>(frame.rsp + static_cast<std::uint64_t>(oop.offset));
      if (slot != 0) slot += distance;
    }
  for (const Installed* code : by_index_)
    for (std::uint64_t* cell : code->oop_cells) *cell += distance;
  if (extra != nullptr)
    for (Slot& slot : *extra)
      if (slot.type == SlotType::a && slot.bits != 0) slot.bits += distance;
  forward_frames(moved_by);
  world_.forward(moved_by);
}

std::vector<InterpreterFrame> Machine::read_frames(const ActiveFrame& active) {
  std::vector<InterpreterFrame> frames;
  for (const code::Frame& frame : active.site->frames) {
    InterpreterFrame result{.method = &world_.method(frame.method), .bci = frame.bci};
    const auto read = [&](const std::vector<code::FrameValue>& values, std::vector<Slot>& slots) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const code::FrameValue& value = values[i];
        constexpr SlotType kTypes[] = {SlotType::top, SlotType::i, SlotType::j, SlotType::f, SlotType::d, SlotType::a};
        Slot slot{.type = kTypes[static_cast<int>(value.kind)]};
        const bool wide = bytecode::is_wide(slot.type) || slot.type == SlotType::a;
        if (value.place == code::ValuePlace::constant) slot.bits = static_cast<std::uint64_t>(value.bits);
        if (value.place == code::ValuePlace::stack_slot) {
          const std::uint64_t place = active.rsp + static_cast<std::uint64_t>(value.offset);
          slot.bits = wide ? at<std::uint64_t>(place) : at<std::uint32_t>(place);
        }
        if (!wide) slot.bits &= 0xffffffff;
        const bool second = i > 0 && bytecode::is_wide(slots.back().type);
        if (second) slot.type = SlotType::high;
        slots.push_back(slot);
      }
    };
    read(frame.locals, result.state.locals);
    read(frame.stack, result.state.stack);
    frames.push_back(std::move(result));
  }
  return frames;
}

std::uint64_t Machine::leave(Thread&, Ending ending) {
  endings_.push_back(std::move(ending));
  return 1;
}

std::uint64_t Machine::at_site(Thread& thread, std::uint64_t frame_rsp) {
  const Installed& code = *by_index_[thread.site >> 32];
  ActiveFrame active{.code = &code, .site = &code.image.sites[thread.site & 0xffffffff], .rsp = frame_rsp};
  if (frame_rsp % 16 != 0) complain("the stack is not aligned at a site");
  thread.return_value = 0x5eedbadc0ffee;
  const std::uint64_t above = frame_rsp + code.image.frame_size;
  const std::uint64_t return_address = at<std::uint64_t>(above - 8);
  if (return_address == 0) complain("the frame's size is wrong");
  std::uint64_t result = 0;
  close_buffer(thread);
  switch (active.site->kind) {
    case code::SiteKind::poll:
      ++counts.polls;
      active_.push_back(active);
      safepoint();
      active_.pop_back();
      break;
    case code::SiteKind::runtime_call: {
      if (code::is_vm_entry(active.site->target)) {
        if (active.site->target == code::Target::monitor_enter)
          result = at_lock(thread, active);
        else if (active.site->target == code::Target::throw_implicit)
          result = at_throw(thread, active);
        else
          result = at_allocation(thread, active);
        break;
      }
      ++counts.traps;
      std::memcpy(&last_trap_request, thread.vm + world_.vm().thread_pending_deoptimization, 4);
      active_.push_back(active);
      safepoint();
      auto frames = read_frames(active);
      migrate_locks(active, frames);
      active_.pop_back();
      if (active.site->frames.back().rethrows) {
        const Address thrown = frames.back().state.stack.at(0).bits;
        const LoadedClass* klass = thrown == 0 ? nullptr : world_.class_of(thrown);
        if (klass == nullptr) complain("what is thrown again is no exception");
        result = Machine::leave(thread, resume_all(std::move(frames), klass == nullptr ? "none" : klass->file.name, thrown));
      } else {
        result = Machine::leave(thread, resume_all(std::move(frames), "", 0));
      }
      break;
    }
    default:
      result = at_call(thread, active);
      break;
  }
  open_buffer(thread);
  return result;
}

/// Lets compiled code make objects at the heap's end: in a buffer that is now and then too small.
void Machine::open_buffer(Thread& thread) {
  constexpr std::uint64_t kSizes[] = {0, 64, 24, 1000};
  const std::uint64_t top = world_.heap().top();
  const std::uint64_t end = top + kSizes[buffers_++ % std::size(kSizes)];
  std::memcpy(thread.vm + world_.vm().thread_tlab_top, &top, sizeof top);
  std::memcpy(thread.vm + world_.vm().thread_tlab_end, &end, sizeof end);
}

void Machine::close_buffer(Thread& thread) {
  std::uint64_t top = 0;
  std::memcpy(&top, thread.vm + world_.vm().thread_tlab_top, sizeof top);
  world_.heap().set_top(top);
}

std::uint64_t Machine::at_allocation(Thread& thread, const ActiveFrame& active) {
  ++counts.allocations;
  active_.push_back(active);
  safepoint();
  active_.pop_back();
  const Address klass = thread.call_integers[1];  // rsi
  Heap& heap = world_.heap();
  thread.return_value = active.site->target == code::Target::new_instance
                            ? heap.allocate(klass)
                            : heap.allocate_array(klass, static_cast<std::int32_t>(thread.call_integers[2]));
  return 0;
}

/// As ObjectSynchronizer::enter, for one thread.
std::uint64_t Machine::at_lock(Thread& thread, const ActiveFrame& active) {
  ++counts.locks;
  std::vector<Slot> passed = {reference_slot(thread.call_integers[1])};  // rsi
  auto& slot = at<std::uint64_t>(thread.call_integers[2]);               // rdx
  if (slot != world_.vm().mark_unused) complain("a slot is not prepared for the VM");
  const code::FrameLock& listed = active.site->frames.back().locks.back();
  if (&slot != &at<std::uint64_t>(active.rsp + static_cast<std::uint64_t>(listed.slot)) ||
      passed[0].bits != at<Address>(active.rsp + static_cast<std::uint64_t>(listed.owner.offset)))
    complain("the lock that is taken is not the last of the frame");
  active_.push_back(active);
  safepoint(&passed);
  active_.pop_back();
  auto& mark = at<std::uint64_t>(passed[0].bits);
  const bool by_slot = mark == world_.vm().mark_unlocked && world_.vm().has_stack_locks;
  if (by_slot || mark % 8 == 0) {
    slot = by_slot ? mark : 0;
    if (by_slot) mark = thread.call_integers[2];
  } else {
    lock(passed[0].bits);
  }
  return 0;
}

void Machine::at_unlock(Address object, std::uint64_t* slot) {
  ++counts.unlocks;
  if (*slot == 0) complain("the VM is asked to unlock what is locked above");
  auto& mark = at<std::uint64_t>(object);
  if (mark == reinterpret_cast<std::uint64_t>(slot))
    mark = *slot;
  else
    unlock(object);
}

/// As BasicLock::move_to: what the slots say goes into the objects.
void Machine::migrate_locks(const ActiveFrame& active, std::vector<InterpreterFrame>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i)
    for (const code::FrameLock& held : active.site->frames[i].locks) {
      ++counts.migrated;
      const auto owner = at<Address>(active.rsp + static_cast<std::uint64_t>(held.owner.offset));
      const std::uint64_t place = active.rsp + static_cast<std::uint64_t>(held.slot);
      const std::uint64_t header = at<std::uint64_t>(place);
      if (header == world_.vm().mark_unlocked && at<std::uint64_t>(owner) != place && at<std::uint64_t>(owner) % 8 == 0)
        complain("an object is locked by another slot");
      if (header == 0)
        lock(owner);
      else if (header != world_.vm().mark_unused)
        inflate(owner);
      frames[i].state.locks.push_back(reference_slot(owner));
    }
}

void Machine::at_barrier(Address overwritten) {
  ++counts.overwritten;
  close_buffer(*thread_);
  if (!world_.heap().is_object(overwritten)) complain("a barrier told of something that is no object");
}

void Machine::at_barrier(const std::uint8_t* card) {
  ++counts.dirtied;
  close_buffer(*thread_);
  if (!world_.heap().is_card(card)) complain("a barrier told of something that is no card");
  if (*card != world_.vm().dirty_card) complain("a barrier told of a card that is not dirty");
}

/// Where the site goes on with the exception. `active` is the topmost of active_, and leaves it.
std::uint64_t Machine::throw_at(Thread& thread, const ActiveFrame& active, Ending ending) {
  ++counts.exceptions;
  std::vector<Slot> thrown = {reference_slot(ending.thrown)};
  safepoint(&thrown);
  ending.thrown = thrown[0].bits;
  auto frames = read_frames(active);
  const std::int32_t landing_pad = active.site->landing_pad;
  if (landing_pad < 0) migrate_locks(active, frames);
  const auto* text = active.code->text;
  active_.pop_back();
  if (landing_pad < 0) return Machine::leave(thread, resume_all(std::move(frames), ending.exception, ending.thrown));
  std::memcpy(thread.vm + world_.vm().thread_exception_oop, &ending.thrown, 8);
  return reinterpret_cast<std::uint64_t>(text) + static_cast<std::uint64_t>(landing_pad);
}

/// What the bytecode throws must be what the site says: the interpreter runs it again.
std::uint64_t Machine::at_throw(Thread& thread, const ActiveFrame& active) {
  constexpr const char* kClasses[] = {"NullPointerException", "ArrayIndexOutOfBoundsException", "ArithmeticException", "ClassCastException", "ArrayStoreException"};
  static_assert(std::size(kClasses) == static_cast<std::size_t>(code::ImplicitException::kCount));
  ++counts.thrown;
  const std::uint64_t what = thread.call_integers[1] & 0xffffffff;  // rsi
  if (what >= std::size(kClasses)) {
    complain("no such exception");
    return Machine::leave(thread, {});
  }
  const auto index = static_cast<std::int32_t>(thread.call_integers[2]);   // rdx
  const auto length = static_cast<std::int32_t>(thread.call_integers[3]);  // rcx
  if (what == static_cast<std::uint64_t>(code::ImplicitException::array_index) && (length < 0 || (index >= 0 && index < length)))
    complain("an index that is in range is thrown");
  const std::string name = std::string("java/lang/") + kClasses[what];
  active_.push_back(active);
  return throw_at(thread, active_.back(), {.exception = name, .thrown = world_.heap().allocate(world_.klass(name).klass)});
}

std::uint64_t Machine::at_call(Thread& thread, ActiveFrame active) {
  ++counts.calls;
  const code::Site& site = *active.site;
  LoadedMethod* method = &world_.method(site.method);
  constexpr std::size_t kOrder[6] = {1, 2, 3, 4, 5, 0};
  std::size_t integers = 0, floats = 0, words = 0;
  std::vector<Slot> arguments;
  const auto take = [&](SlotType type) {
    const bool is_float = type == SlotType::f || type == SlotType::d;
    std::uint64_t bits;
    if (is_float && floats < 8)
      bits = thread.call_floats[floats++];
    else if (!is_float && integers < 6)
      bits = thread.call_integers[kOrder[integers++]];
    else
      bits = at<std::uint64_t>(active.rsp + 8 * words++);
    if (type == SlotType::i || type == SlotType::f) bits &= 0xffffffff;
    arguments.push_back({type, bits});
  };
  if (!method->is_static()) take(SlotType::a);
  for (const char parameter : method->signature.parameters) take(bytecode::slot_type(parameter));
  if (!method->is_static()) {
    if (arguments[0].bits == 0) complain("a call with a null receiver");
    if (site.kind == code::SiteKind::call_virtual || site.kind == code::SiteKind::call_interface)
      method = world_.select(*world_.class_of(arguments[0].bits), *method);
  }
  active_.push_back(active);
  safepoint(&arguments);
  Ending ending = invoke(*method, arguments);
  if (!ending.exception.empty()) return throw_at(thread, active, std::move(ending));
  std::vector<Slot> value = {ending.value};
  safepoint(&value);
  active_.pop_back();
  if (ending.value.type == SlotType::f || ending.value.type == SlotType::d)
    thread.return_float = value[0].bits;
  else
    thread.return_value = value[0].bits | (value[0].type == SlotType::i ? 0xdeadbeefull << 32 : 0);
  return 0;
}

}  // namespace jitfarm::tests::compiler
