#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::jvmci {

Object* compiler_to_vm() {
  static Object* const instance =
      World::get().allocate(World::get().find_class(kCompilerToVm));  // never freed
  return instance;
}

namespace detail {

std::unexpected<Error> thrown(std::string_view native, const std::string& what) {
  return fail(Errc::vm_exception, std::string(native) + ": " + what);
}
std::unexpected<Error> missing(std::string_view native) {
  return fail(Errc::vm_unsupported, "this VM has no native " + std::string(native));
}

}  // namespace detail
}  // namespace jitfarm::vmagent::jvmci
