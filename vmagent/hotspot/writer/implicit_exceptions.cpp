#include "vmagent/hotspot/writer/implicit_exceptions.h"

#include <array>
#include <bit>
#include <cstdio>

#include "common/code/code_image.h"

namespace jitfarm::vmagent::hotspot::writer {
namespace {

using code::ImplicitException;

ThrowEntries entries;

template <class... A>
void call(std::uint64_t function, void* thread, A... arguments) {
  std::bit_cast<void (*)(void*, A...)>(function)(thread, arguments...);
}

// The messages are the interpreter's (HotSpot 17: InterpreterRuntime::throw_*, create_klass_exception).
void throw_implicit(void* thread, std::int32_t what, std::int64_t first, std::int64_t second) {
  switch (static_cast<ImplicitException>(what)) {
    case ImplicitException::array_index: {
      // Two ints and 36 characters.
      std::array<char, 64> message;
      std::snprintf(message.data(), message.size(), "Index %d out of bounds for length %d",
                    static_cast<std::int32_t>(first), static_cast<std::int32_t>(second));
      return call(entries.by_name, thread, "java/lang/ArrayIndexOutOfBoundsException",
                  static_cast<const char*>(message.data()));
    }
    case ImplicitException::arithmetic:
      return call(entries.by_name, thread, "java/lang/ArithmeticException", "/ by zero");
    case ImplicitException::class_cast:
      return call(entries.class_cast, thread, "java/lang/ClassCastException", first, second);
    case ImplicitException::array_store:
      return call(entries.by_class, thread, "java/lang/ArrayStoreException", first);
    case ImplicitException::null_pointer:
    case ImplicitException::kCount:
      break;
  }
  // Its message is made from the bytecode when somebody asks for it.
  call(entries.by_name, thread, "java/lang/NullPointerException", static_cast<const char*>(nullptr));
}

}  // namespace

void set_throw_entries(const ThrowEntries& known) { entries = known; }

std::uint64_t throw_implicit_address() {
  return std::bit_cast<std::uint64_t>(&throw_implicit);
}

}  // namespace jitfarm::vmagent::hotspot::writer
