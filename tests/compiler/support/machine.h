// What do compiled methods really do? Runs CodeImages in this process, with the rest of the VM played by the test:
// calls, traps and polls arrive here, with the frame that the image's tables describe.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/code/code_image.h"
#include "tests/compiler/support/interpreter.h"

namespace jitfarm::tests::compiler {

struct MachineOptions {
  bool move_heap = true;   ///< every call and poll moves all objects, and makes the old ones unreadable
  bool arm_polls = false;  ///< polls are always taken
  bool marking = false;    ///< G1 marks: it wants to know what is overwritten
};

/// An interpreter that runs a method's code when it is installed. One at a time in a process.
class Machine final : public Interpreter {
 public:
  Machine(World& world, MachineOptions options);
  ~Machine() override;

  void install(LoadedMethod& method, const code::CodeImage& image);
  Ending invoke(LoadedMethod& method, const std::vector<Slot>& arguments) override;

  /// Puts a content of the heap back, in the first space. Precondition: nothing runs.
  void restore(ByteView content);

  struct Counts {
    std::uint64_t runs = 0, calls = 0, traps = 0, polls = 0, exceptions = 0;
    std::uint64_t thrown = 0;       ///< implicit exceptions, by the VM
    std::uint64_t allocations = 0;  ///< by the VM
    std::uint64_t locks = 0, unlocks = 0;  ///< by the VM
    std::uint64_t migrated = 0;  ///< locks that an interpreter frame took over
    std::uint64_t overwritten = 0, dirtied = 0;  ///< told by the barriers' slow paths
  };
  Counts counts;
  /// The trap request that compiled code left behind last.
  std::int32_t last_trap_request = 0;
  /// First rule of the VM that compiled code broke; empty: none.
  std::string complaint;

  struct Thread;
  struct Installed;
  /// From barriers whose queue in the thread is full.
  void at_barrier(Address overwritten);
  void at_barrier(const std::uint8_t* card);
  /// From compiled code that could not unlock the object itself.
  void at_unlock(Address object, std::uint64_t* slot);
  /// From the machine code of a site: what to do there. Returns 0: go on behind the call; 1: leave the method; else an address.
  std::uint64_t at_site(Thread& thread, std::uint64_t frame_rsp);

 private:
  struct ActiveFrame {
    const Installed* code = nullptr;
    const code::Site* site = nullptr;
    std::uint64_t rsp = 0;
  };

  Ending run_compiled(const Installed& code, LoadedMethod& method, const std::vector<Slot>& arguments);
  std::uint64_t at_call(Thread& thread, ActiveFrame active);
  std::uint64_t at_allocation(Thread& thread, const ActiveFrame& active);
  std::uint64_t at_throw(Thread& thread, const ActiveFrame& active);
  std::uint64_t throw_at(Thread& thread, const ActiveFrame& active, Ending ending);
  std::uint64_t at_lock(Thread& thread, const ActiveFrame& active);
  void migrate_locks(const ActiveFrame& active, std::vector<InterpreterFrame>& frames);
  void open_buffer(Thread& thread);
  void close_buffer(Thread& thread);
  std::vector<InterpreterFrame> read_frames(const ActiveFrame& active);
  void safepoint(std::vector<Slot>* extra = nullptr);
  void forward(std::int64_t moved_by, std::vector<Slot>* extra);
  void complain(std::string text);
  std::uint64_t leave(Thread& thread, Ending ending);

  World& world_;
  MachineOptions options_;
  std::unique_ptr<Thread> thread_;
  std::map<LoadedMethod*, std::unique_ptr<Installed>> installed_;
  std::vector<const Installed*> by_index_;
  std::vector<ActiveFrame> active_;
  std::vector<Ending> endings_;  ///< of methods that were left in the middle, innermost last
  std::uint8_t* area_ = nullptr;
  std::size_t used_ = 0;
  std::uint64_t buffers_ = 0;  ///< given to compiled code so far
};

}  // namespace jitfarm::tests::compiler
