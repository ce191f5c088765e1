#include "vmagent/hotspot/cpu_features.h"

#include <algorithm>
#include <string_view>

namespace jitfarm::vmagent::hotspot {
namespace {

constexpr struct {
  std::string_view llvm;
  std::string_view vm;
} kFeatures[] = {
    {"adx", "VM_Version::CPU_ADX"},       {"aes", "VM_Version::CPU_AES"},
    {"avx", "VM_Version::CPU_AVX"},       {"avx2", "VM_Version::CPU_AVX2"},
    {"avx512bw", "VM_Version::CPU_AVX512BW"}, {"avx512cd", "VM_Version::CPU_AVX512CD"},
    {"avx512dq", "VM_Version::CPU_AVX512DQ"}, {"avx512f", "VM_Version::CPU_AVX512F"},
    {"avx512vl", "VM_Version::CPU_AVX512VL"}, {"avx512vpopcntdq", "VM_Version::CPU_AVX512_VPOPCNTDQ"},
    {"bmi", "VM_Version::CPU_BMI1"},      {"bmi2", "VM_Version::CPU_BMI2"},
    {"cmov", "VM_Version::CPU_CMOV"},     {"fma", "VM_Version::CPU_FMA"},
    {"lzcnt", "VM_Version::CPU_LZCNT"},   {"pclmul", "VM_Version::CPU_CLMUL"},
    {"popcnt", "VM_Version::CPU_POPCNT"}, {"sse3", "VM_Version::CPU_SSE3"},
    {"sse4.1", "VM_Version::CPU_SSE4_1"}, {"sse4.2", "VM_Version::CPU_SSE4_2"},
    {"ssse3", "VM_Version::CPU_SSSE3"},
};

}  // namespace

Result<CpuFeatures> cpu_features(const Configuration& config, std::int64_t max_vector_size) {
  JF_TRY(const std::int64_t features, config.static_value("Abstract_VM_Version::_features"));
  return cpu_features(
      [&](std::string_view vm) {
        const auto bit = config.constant(vm);
        return bit && (features & *bit) != 0;
      },
      max_vector_size);
}

Result<CpuFeatures> cpu_features(const std::function<bool(std::string_view)>& uses,
                                 std::int64_t max_vector_size) {
  if (!uses("VM_Version::CPU_SSE2"))
    return fail(Errc::vm_unsupported, "the VM runs without SSE2");
  CpuFeatures cpu;
  std::int64_t widest = 16;
  for (const auto& [llvm, vm] : kFeatures) {
    if (!uses(vm)) continue;
    if (llvm == "avx") widest = std::max<std::int64_t>(widest, 32);
    if (llvm == "avx512f") widest = 64;
    if (!cpu.llvm.empty()) cpu.llvm += ',';
    cpu.llvm += '+';
    cpu.llvm += llvm;
  }
  cpu.vector_bytes = static_cast<std::uint32_t>(
      max_vector_size >= 16 ? std::min(max_vector_size, widest) : widest);
  return cpu;
}

}  // namespace jitfarm::vmagent::hotspot
