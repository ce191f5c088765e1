#include "vmagent/hotspot/configuration.h"

#include <optional>

#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::hotspot {
namespace {

using jvmci::FieldOf;
using jvmci::Object;
using jvmci::ObjectKind;

constexpr std::uint32_t kEntriesMax = 20'000;  // JDK 17 has about 400 in its longest list

std::unexpected<Error> malformed(const char* what) {
  return fail(Errc::vm_unsupported, std::string("readConfiguration: ") + what);
}

bool is_array(Object* object) {
  return object != nullptr && object->kind() == ObjectKind::objects &&
         object->length() <= kEntriesMax;
}

std::string text_of(Object* object) {
  return object != nullptr && object->kind() == ObjectKind::string ? std::string(object->text())
                                                                   : std::string();
}

/// Number of a java.lang box; nullopt for null, strings and floating-point boxes.
std::optional<std::int64_t> unbox(Object* box) {
  if (box == nullptr || box->kind() != ObjectKind::plain) return std::nullopt;
  static const FieldOf<jlong> kLong{"java/lang/Long", "value", "J"};
  static const FieldOf<jint> kInteger{"java/lang/Integer", "value", "I"};
  static const FieldOf<jboolean> kBoolean{"java/lang/Boolean", "value", "Z"};
  const std::string& klass = box->klass().name();
  if (klass == "java/lang/Long") return kLong.get(*box);
  if (klass == "java/lang/Integer") return kInteger.get(*box);
  if (klass == "java/lang/Boolean") return kBoolean.get(*box) != 0;
  return std::nullopt;
}

template <class Map>
auto find(const Map& map, std::string_view name) -> Result<typename Map::mapped_type> {
  const auto it = map.find(name);
  if (it == map.end()) return fail(Errc::vm_unsupported, "this VM has no " + std::string(name));
  return it->second;
}

}  // namespace

Result<Configuration> Configuration::read(jvmci::Env& env) {
  jvmci::LocalFrame frame(env);
  const jvmci::Native<Object*()> read_configuration{"readConfiguration"};
  JF_TRY(Object* const answer, read_configuration(env));
  if (!is_array(answer) || answer->length() < 4) return malformed("not an array of lists");
  Configuration config;

  static const FieldOf<Object*> kFieldName{"jdk/vm/ci/hotspot/VMField", "name",
                                           "Ljava/lang/String;"};
  static const FieldOf<jlong> kFieldOffset{"jdk/vm/ci/hotspot/VMField", "offset", "J"};
  static const FieldOf<jlong> kFieldAddress{"jdk/vm/ci/hotspot/VMField", "address", "J"};
  static const FieldOf<Object*> kFieldValue{"jdk/vm/ci/hotspot/VMField", "value",
                                            "Ljava/lang/Object;"};
  Object* const fields = answer->elements()[0];
  if (!is_array(fields)) return malformed("no fields");
  for (Object* field : fields->elements()) {
    if (field == nullptr) return malformed("a field is null");
    const auto value = unbox(kFieldValue.get(*field));
    config.fields_[text_of(kFieldName.get(*field))] = {
        .offset = kFieldOffset.get(*field),
        .address = static_cast<std::uint64_t>(kFieldAddress.get(*field)),
        .value = value.value_or(0),
        .has_value = value.has_value()};
  }
  // Constants and addresses: name, box, name, box, ..
  for (const std::size_t list : {1u, 2u}) {
    Object* const pairs = answer->elements()[list];
    if (!is_array(pairs) || pairs->length() % 2 != 0) return malformed("no constants or addresses");
    for (std::uint32_t i = 0; i < pairs->length(); i += 2) {
      const auto value = unbox(pairs->elements()[i + 1]);
      if (!value) return malformed("a constant without a number");
      const std::string name = text_of(pairs->elements()[i]);
      if (list == 1)
        config.constants_[name] = *value;
      else
        config.addresses_[name] = static_cast<std::uint64_t>(*value);
    }
  }
  static const FieldOf<Object*> kFlagName{"jdk/vm/ci/hotspot/VMFlag", "name", "Ljava/lang/String;"};
  static const FieldOf<Object*> kFlagValue{"jdk/vm/ci/hotspot/VMFlag", "value",
                                           "Ljava/lang/Object;"};
  Object* const flags = answer->elements()[3];
  if (!is_array(flags)) return malformed("no flags");
  for (Object* flag : flags->elements()) {
    if (flag == nullptr) return malformed("a flag is null");
    if (const auto value = unbox(kFlagValue.get(*flag)))
      config.flags_[text_of(kFlagName.get(*flag))] = *value;
  }
  return config;
}

Result<std::int32_t> Configuration::offset(std::string_view name) const {
  JF_TRY(const Field field, find(fields_, name));
  if (field.address != 0 || field.offset < 0 || field.offset > 1 << 20)
    return fail(Errc::vm_unsupported, std::string(name) + " is not an instance field");
  return static_cast<std::int32_t>(field.offset);
}

Result<std::uint64_t> Configuration::static_address(std::string_view name) const {
  JF_TRY(const Field field, find(fields_, name));
  if (field.address == 0)
    return fail(Errc::vm_unsupported, std::string(name) + " is not a static field");
  return field.address;
}

Result<std::int64_t> Configuration::static_value(std::string_view name) const {
  JF_TRY(const Field field, find(fields_, name));
  if (!field.has_value) return fail(Errc::vm_unsupported, std::string(name) + " has no value");
  return field.value;
}

Result<std::int64_t> Configuration::constant(std::string_view name) const {
  return find(constants_, name);
}
Result<std::uint64_t> Configuration::address(std::string_view name) const {
  return find(addresses_, name);
}
Result<std::int64_t> Configuration::flag(std::string_view name) const { return find(flags_, name); }

}  // namespace jitfarm::vmagent::hotspot
