#include "vmagent/install/call_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace jitfarm::vmagent::install {

namespace {

using code::SiteKind;

constexpr std::uint8_t kInvokevirtual = 182;  // JVMS 6.5
constexpr std::uint8_t kInvokespecial = 183;
constexpr std::uint8_t kInvokestatic = 184;
constexpr std::uint8_t kInvokeinterface = 185;
constexpr std::uint8_t kMonitorenter = 194;

bool is_java_call(SiteKind kind) {
  return kind == SiteKind::call_static || kind == SiteKind::call_special ||
         kind == SiteKind::call_virtual || kind == SiteKind::call_interface;
}

constexpr std::uint32_t kAccStatic = 0x8;

/// A virtual call may have become a direct one.
bool may_call(SiteKind kind, const hotspot::Invoke& invoke, const hotspot::MethodDetails& callee) {
  if (invoke.is_linked_by_vm)
    return kind == ((callee.access_flags & kAccStatic) != 0 ? SiteKind::call_static
                                                            : SiteKind::call_special);
  const std::uint8_t opcode = invoke.opcode;
  const bool dispatched = opcode == kInvokevirtual || opcode == kInvokeinterface;
  if (kind == SiteKind::call_static) return opcode == kInvokestatic;
  if (kind == SiteKind::call_special) return opcode == kInvokespecial || dispatched;
  return dispatched;
}

class Fitter {
 public:
  Fitter(const InvokesOf& invokes, const CalleeOf& callee) : invokes_(invokes), callee_(callee) {}

  Status site(const code::Site& site) {
    for (std::size_t k = 0; k < site.frames.size(); ++k) {
      const code::Frame& frame = site.frames[k];
      const bool innermost = k + 1 == site.frames.size();
      const bool locks = innermost && site.target == code::Target::monitor_enter;
      if (locks && frame.locks.empty()) return wrong("a monitor is entered that the frame does not have");
      if (locks && !frame.during_call && frame.bci != 0)
        return wrong(fmt::format("a method that is entered at bci {}", frame.bci));
      if (!frame.during_call) continue;
      JF_TRY(const hotspot::Invoke* const invoke, at(frame));
      if (!invoke) return wrong(fmt::format("no invoke at bci {}", frame.bci));
      if (locks != (invoke->opcode == kMonitorenter))
        return wrong(fmt::format("the instruction at bci {} is another", frame.bci));
      if (!innermost || !is_java_call(site.kind)) continue;
      JF_TRY(const Callee callee, callee_(site.method));
      if (!may_call(site.kind, *invoke, callee.details))
        return wrong(fmt::format("another kind of call at bci {}", frame.bci));
      const bool is_callee = invoke->is_linked_by_vm
                                 ? invoke->linked && callee.method == invoke->linked
                                 : callee.details.name == invoke->name &&
                                       callee.details.descriptor == invoke->descriptor;
      if (!is_callee) return wrong(fmt::format("another callee at bci {}", frame.bci));
    }
    if (is_java_call(site.kind) && !site.frames.back().during_call)
      return wrong("a call whose frame state is before it");
    return {};
  }

 private:
  static std::unexpected<Error> wrong(std::string what) {
    return fail(Errc::invalid_code_image, std::move(what));
  }

  /// Null: none.
  Result<const hotspot::Invoke*> at(const code::Frame& frame) {
    auto it = known_.find(frame.method);
    if (it == known_.end()) {
      JF_TRY(auto read, invokes_(frame.method));
      it = known_.emplace(frame.method, std::move(read)).first;
    }
    const auto bci = static_cast<std::uint32_t>(frame.bci);
    const auto found = std::ranges::lower_bound(it->second, bci, {}, &hotspot::Invoke::bci);
    return found != it->second.end() && found->bci == bci ? &*found : nullptr;
  }

  const InvokesOf& invokes_;
  const CalleeOf& callee_;
  std::map<MethodId, std::vector<hotspot::Invoke>> known_;
};

}  // namespace

Status fit_calls(const code::CodeImage& image, const InvokesOf& invokes, const CalleeOf& callee) {
  Fitter fitter(invokes, callee);
  for (std::size_t i = 0; i < image.sites.size(); ++i) {
    if (image.sites[i].frames.empty())
      return fail(Errc::invalid_code_image, fmt::format("site {}: no frame state", i));
    if (auto fits = fitter.site(image.sites[i]); !fits) {
      Error error = std::move(fits).error();
      error.detail = fmt::format("site {}: {}", i, error.detail);
      return std::unexpected(std::move(error));
    }
  }
  return {};
}

}  // namespace jitfarm::vmagent::install
