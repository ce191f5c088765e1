#include "vmagent/jvmci/hierarchy.h"

#include <utility>

namespace jitfarm::vmagent::jvmci {

namespace {

// The union of what JDK 17 to 25 have; a relation that a JDK lacks does no harm there.
constexpr std::pair<std::string_view, std::string_view> kSupers[] = {
    {"jdk/vm/ci/code/site/Infopoint", "jdk/vm/ci/code/site/Site"},
    {"jdk/vm/ci/code/site/Call", "jdk/vm/ci/code/site/Infopoint"},
    {"jdk/vm/ci/code/site/ImplicitExceptionDispatch", "jdk/vm/ci/code/site/Infopoint"},
    {"jdk/vm/ci/code/site/Mark", "jdk/vm/ci/code/site/Site"},
    {"jdk/vm/ci/code/site/DataPatch", "jdk/vm/ci/code/site/Site"},
    {"jdk/vm/ci/code/site/ExceptionHandler", "jdk/vm/ci/code/site/Site"},
    {"jdk/vm/ci/code/site/ConstantReference", "jdk/vm/ci/code/site/Reference"},
    {"jdk/vm/ci/code/site/DataSectionReference", "jdk/vm/ci/code/site/Reference"},
    {"jdk/vm/ci/code/BytecodeFrame", "jdk/vm/ci/code/BytecodePosition"},
    {"jdk/vm/ci/code/RegisterValue", "jdk/vm/ci/meta/AllocatableValue"},
    {"jdk/vm/ci/code/StackSlot", "jdk/vm/ci/meta/AllocatableValue"},
    {"jdk/vm/ci/meta/AllocatableValue", "jdk/vm/ci/meta/Value"},
    {"jdk/vm/ci/hotspot/HotSpotReferenceMap", "jdk/vm/ci/code/ReferenceMap"},
    {"jdk/vm/ci/hotspot/HotSpotCompiledNmethod", "jdk/vm/ci/hotspot/HotSpotCompiledCode"},
    {"jdk/vm/ci/hotspot/HotSpotInstalledCode", "jdk/vm/ci/code/InstalledCode"},
    {"jdk/vm/ci/hotspot/HotSpotNmethod", "jdk/vm/ci/hotspot/HotSpotInstalledCode"},
    {"jdk/vm/ci/hotspot/DirectHotSpotObjectConstantImpl",
     "jdk/vm/ci/hotspot/HotSpotObjectConstantImpl"},
    {"jdk/vm/ci/hotspot/IndirectHotSpotObjectConstantImpl",
     "jdk/vm/ci/hotspot/HotSpotObjectConstantImpl"},
    {"jdk/vm/ci/hotspot/HotSpotResolvedObjectTypeImpl",
     "jdk/vm/ci/hotspot/HotSpotResolvedJavaType"},
    {"jdk/vm/ci/hotspot/HotSpotResolvedPrimitiveType", "jdk/vm/ci/hotspot/HotSpotResolvedJavaType"},
    {"jdk/vm/ci/hotspot/HotSpotResolvedJavaType", "jdk/vm/ci/hotspot/HotSpotJavaType"},
    {"jdk/vm/ci/meta/RawConstant", "jdk/vm/ci/meta/PrimitiveConstant"},
    {"jdk/vm/ci/meta/PrimitiveConstant", "jdk/vm/ci/meta/JavaConstant"},
    {"jdk/vm/ci/meta/NullConstant", "jdk/vm/ci/meta/JavaConstant"},
    {"jdk/vm/ci/hotspot/HotSpotCompressedNullConstant", "jdk/vm/ci/meta/JavaConstant"},
    {"jdk/vm/ci/hotspot/HotSpotObjectConstantImpl", "jdk/vm/ci/meta/JavaConstant"},
    {"jdk/vm/ci/hotspot/amd64/AMD64HotSpotRegisterConfig", "jdk/vm/ci/code/RegisterConfig"},
    {"jdk/vm/ci/amd64/AMD64", "jdk/vm/ci/code/Architecture"},
    {"jdk/vm/ci/meta/Assumptions$NoFinalizableSubclass", "jdk/vm/ci/meta/Assumptions$Assumption"},
    {"jdk/vm/ci/meta/Assumptions$ConcreteSubtype", "jdk/vm/ci/meta/Assumptions$Assumption"},
    {"jdk/vm/ci/meta/Assumptions$LeafType", "jdk/vm/ci/meta/Assumptions$Assumption"},
    {"jdk/vm/ci/meta/Assumptions$ConcreteMethod", "jdk/vm/ci/meta/Assumptions$Assumption"},
    {"jdk/vm/ci/meta/Assumptions$CallSiteTargetValue", "jdk/vm/ci/meta/Assumptions$Assumption"},
    {"java/lang/ArrayIndexOutOfBoundsException", "java/lang/Throwable"},
    {"java/lang/ClassNotFoundException", "java/lang/Throwable"},
    {"java/lang/IllegalArgumentException", "java/lang/Throwable"},
    {"java/lang/IllegalStateException", "java/lang/Throwable"},
    {"java/lang/InternalError", "java/lang/Throwable"},
    {"java/lang/NoClassDefFoundError", "java/lang/Throwable"},
    {"java/lang/NullPointerException", "java/lang/Throwable"},
    {"java/lang/OutOfMemoryError", "java/lang/Throwable"},
    {"java/lang/UnsatisfiedLinkError", "java/lang/Throwable"},
    {"java/lang/UnsupportedOperationException", "java/lang/Throwable"},
    {"jdk/vm/ci/code/InvalidInstalledCodeException", "java/lang/Throwable"},
    {"jdk/vm/ci/common/JVMCIError", "java/lang/Throwable"},
};

}  // namespace

std::string_view super_of(std::string_view name) {
  for (const auto& [sub, super] : kSupers)
    if (sub == name) return super;
  return {};
}

}  // namespace jitfarm::vmagent::jvmci
