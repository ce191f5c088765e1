// Which instructions may code for this VM use?
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "vmagent/hotspot/configuration.h"

namespace jitfarm::vmagent::hotspot {

struct CpuFeatures {
  std::string llvm;  ///< "+avx2,+bmi,.."; ascending, so that equal CPUs give equal text
  std::uint32_t vector_bytes = 16;  ///< widest vector register in use
};

/// What the VM itself uses: its feature word, which HotSpot makes from cpuid and xgetbv and cuts by
/// its flags (-XX:UseAVX=1). `max_vector_size`: flag MaxVectorSize, 0: unknown.
Result<CpuFeatures> cpu_features(const Configuration& config, std::int64_t max_vector_size);

/// The same, asking for each constant "VM_Version::CPU_X" whether the VM uses the feature.
Result<CpuFeatures> cpu_features(const std::function<bool(std::string_view)>& uses,
                                 std::int64_t max_vector_size);

}  // namespace jitfarm::vmagent::hotspot
