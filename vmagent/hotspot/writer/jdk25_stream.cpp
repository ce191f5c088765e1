#include "vmagent/hotspot/writer/jdk25_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "vmagent/hotspot/writer/jdk25_debug_info.h"

namespace jitfarm::vmagent::hotspot::writer {

namespace {

using shell::InstallSite;
using shell::InstallSiteKind;

class Encoder {
 public:
  Encoder(const StreamTags& tags, const StreamContent& content, StreamNames& names)
      : tags_(tags), content_(content), code_(content.code), names_(names) {}

  Result<Bytes> run() {
    JF_CHECK_OK(head());
    JF_CHECK_OK(sizes());
    JF_CHECK_OK(data_patches());
    for (const InstallSite& s : code_.sites) JF_CHECK_OK(site(s));
    const Bytes data = out_.take();
    StreamBuilder chunk;
    constexpr std::uint64_t kLastChunk = 0;
    chunk.u8(kLastChunk);
    chunk.u4(static_cast<std::uint32_t>(data.size()));
    Bytes stream = chunk.take();
    stream.insert(stream.end(), data.begin(), data.end());
    return stream;
  }

 private:
  Status head() {
    const code::CodeImage* image = content_.image;
    const bool rescue = code_.deopt_rescue_offset >= 0;
    std::uint8_t flags = rescue ? tags_.has_rescue_slot : 0;
    if (image) {
      flags |= tags_.is_nmethod | tags_.has_methods;
      if (!image->assumptions.empty()) flags |= tags_.has_assumptions;
    }
    out_.u1(flags);
    out_.text(content_.name);
    if (!image) return {};
    JF_TRY(const std::uint64_t method, names_.method(image->task.method));
    out_.u8(method);
    out_.u4(static_cast<std::uint32_t>(image->task.entry_bci));
    out_.u8(content_.compile_state);
    // Any method may have been inlined. Both say only that the VM must look here when a mapped file
    // is cut short, or when a memory session is closed.
    out_.u1(1);  // unsafe access
    out_.u1(1);  // scoped access
    out_.u4(static_cast<std::uint32_t>(content_.compile_id));
    JF_CHECK_OK(assumptions(*image));
    JF_CHECK_OK(out_.count(image->methods.size()));
    for (MethodId id : image->methods) {
      JF_TRY(const std::uint64_t inlined, names_.method(id));
      out_.u8(inlined);
    }
    return {};
  }

  Status assumptions(const code::CodeImage& image) {
    if (image.assumptions.empty()) return {};
    JF_CHECK_OK(out_.count(image.assumptions.size()));
    for (const code::Assumption& a : image.assumptions) {
      if (a.kind != code::AssumptionKind::concrete_method)
        return fail(Errc::invalid_code_image, "an unknown kind of assumption");
      JF_TRY(const std::uint64_t context, names_.klass(a.klass));
      JF_TRY(const std::uint64_t impl, names_.method(a.method));
      out_.u1(tags_.concrete_method);
      out_.u8(context);
      out_.u8(impl);
    }
    return {};
  }

  Status sizes() {
    out_.u4(static_cast<std::uint32_t>(code_.sites.size()));
    out_.u4(static_cast<std::uint32_t>(code_.code.size()));
    out_.u4(code_.frame_bytes);
    if (code_.deopt_rescue_offset >= 0) {
      out_.u4(static_cast<std::uint32_t>(code_.deopt_rescue_offset));
      out_.u1(0);  // not from the frame's end
    }
    out_.u4(static_cast<std::uint32_t>(code_.data.size()));
    out_.u1(static_cast<std::uint8_t>(code_.data_alignment));
    // Room for the stubs that HotSpot adds: of direct calls, and of all calls.
    std::size_t direct = 0;
    std::size_t all = 0;
    for (const InstallSite& s : code_.sites) {
      if (s.kind != InstallSiteKind::mark) continue;
      const shell::Marks& m = content_.marks;
      const bool is_direct = s.mark == m.invoke_static || s.mark == m.invoke_special;
      direct += is_direct;
      all += is_direct || s.mark == m.invoke_virtual || s.mark == m.invoke_interface;
    }
    JF_CHECK_OK(out_.count(direct));
    return out_.count(all);
  }

  Status data_patches() {
    JF_CHECK_OK(out_.count(code_.data_patches.size()));
    for (const shell::DataPatch& patch : code_.data_patches) {
      const code::Constant& constant = content_.image->constants[patch.constant];
      out_.u4(patch.offset);
      if (constant.kind == code::ConstantKind::klass) {
        JF_TRY(const std::uint64_t klass, names_.klass(constant.klass));
        out_.u1(tags_.patch_klass);
        out_.u8(klass);
      } else {
        JF_TRY(const std::uint64_t handle, names_.object(constant));
        out_.u1(tags_.patch_object);
        out_.u8(handle);
      }
    }
    return {};
  }

  Status site(const InstallSite& s) {
    const code::Site* image_site =
        s.image_site >= 0 ? &content_.image->sites[static_cast<std::size_t>(s.image_site)]
                          : nullptr;
    out_.u4(s.pc);
    switch (s.kind) {
      case InstallSiteKind::mark:
        out_.u1(tags_.mark);
        out_.u1(static_cast<std::uint8_t>(s.mark));
        return {};
      case InstallSiteKind::java_call: {
        JF_TRY(const std::uint64_t callee, names_.method(image_site->method));
        out_.u1(tags_.call);
        out_.u8(callee);
        // Asked only for method handles, whose deoptimisation handler is no other on x86-64.
        out_.u1(0);
        return encode_debug_info(out_, tags_, image_site, names_);
      }
      case InstallSiteKind::foreign_call:
        if (!image_site && !s.empty_reference_map) {
          out_.u1(tags_.foreign_call_plain);
          out_.u8(s.address);
          return {};
        }
        out_.u1(tags_.foreign_call);
        out_.u8(s.address);
        return encode_debug_info(out_, tags_, image_site, names_);
      case InstallSiteKind::safepoint:
        out_.u1(tags_.safepoint);
        return encode_debug_info(out_, tags_, image_site, names_);
      case InstallSiteKind::data_patch:
        out_.u1(tags_.data_patch);
        out_.u1(tags_.patch_cell);
        out_.u4(s.data_offset);
        return {};
      case InstallSiteKind::exception_handler:
        out_.u1(tags_.exception_handler);
        out_.u4(s.handler_pc);
        return {};
    }
    return fail(Errc::invalid_code_image, "an unknown kind of site");
  }

  const StreamTags& tags_;
  const StreamContent& content_;
  const shell::AssembledCode& code_;
  StreamNames& names_;
  StreamBuilder out_;
};

}  // namespace

Result<Bytes> encode_stream(const StreamTags& tags, const StreamContent& content,
                            StreamNames& names) {
  return Encoder(tags, content, names).run();
}

Result<StreamTags> StreamTags::read(const Configuration& configuration) {
  StreamTags tags;
  const struct {
    const char* name;
    std::uint8_t& to;
  } kTags[] = {{"HCC_IS_NMETHOD", tags.is_nmethod},
               {"HCC_HAS_ASSUMPTIONS", tags.has_assumptions},
               {"HCC_HAS_METHODS", tags.has_methods},
               {"HCC_HAS_DEOPT_RESCUE_SLOT", tags.has_rescue_slot},
               {"DI_HAS_REFERENCE_MAP", tags.has_reference_map},
               {"DI_HAS_FRAMES", tags.has_frames},
               {"DIF_HAS_LOCALS", tags.has_locals},
               {"DIF_HAS_STACK", tags.has_stack},
               {"DIF_HAS_LOCKS", tags.has_locks},
               {"DIF_DURING_CALL", tags.during_call},
               {"DIF_RETHROW_EXCEPTION", tags.rethrows},
               {"CONCRETE_METHOD", tags.concrete_method},
               {"ILLEGAL", tags.illegal},
               {"STACK_SLOT_PRIMITIVE", tags.slot_primitive},
               {"STACK_SLOT_OOP", tags.slot_oop},
               {"NULL_CONSTANT", tags.null_constant},
               {"PRIMITIVE_0", tags.primitive_0},
               {"PRIMITIVE4", tags.primitive_4},
               {"PRIMITIVE8", tags.primitive_8},
               {"PATCH_JOBJECT", tags.patch_object},
               {"PATCH_KLASS", tags.patch_klass},
               {"PATCH_DATA_SECTION_REFERENCE", tags.patch_cell},
               {"SITE_CALL", tags.call},
               {"SITE_FOREIGN_CALL", tags.foreign_call},
               {"SITE_FOREIGN_CALL_NO_DEBUG_INFO", tags.foreign_call_plain},
               {"SITE_SAFEPOINT", tags.safepoint},
               {"SITE_MARK", tags.mark},
               {"SITE_DATA_PATCH", tags.data_patch},
               {"SITE_EXCEPTION_HANDLER", tags.exception_handler}};
  for (const auto& [name, to] : kTags) {
    const std::string full = fmt::format("CodeInstaller::{}", name);
    JF_TRY(const std::int64_t value, configuration.constant(full));
    if (value < 0 || value > 255) return fail(Errc::vm_unsupported, full + " is no byte");
    to = static_cast<std::uint8_t>(value);
  }
  JF_TRY(const std::int64_t none, configuration.constant("CodeInstaller::NO_REGISTER"));
  if (none < 0 || none > 65535) return fail(Errc::vm_unsupported, "CodeInstaller::NO_REGISTER");
  tags.no_register = static_cast<std::uint16_t>(none);
  return tags;
}

}  // namespace jitfarm::vmagent::hotspot::writer
