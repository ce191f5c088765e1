#include "tests/compiler/support/class_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace jitfarm::tests::compiler {
namespace {

class In {
 public:
  explicit In(ByteView bytes) : bytes_(bytes) {}
  std::uint8_t u1() {
    if (at_ >= bytes_.size()) throw std::runtime_error("class file ends early");
    return bytes_[at_++];
  }
  std::uint16_t u2() {
    const std::uint16_t high = u1();
    return static_cast<std::uint16_t>(high << 8 | u1());
  }
  std::uint32_t u4() {
    const std::uint32_t high = u2();
    return high << 16 | u2();
  }
  ByteView take(std::size_t count) {
    if (bytes_.size() - at_ < count) throw std::runtime_error("class file ends early");
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

class Out {
 public:
  void u1(std::uint8_t v) { bytes.push_back(v); }
  void u2(std::size_t v) {
    u1(static_cast<std::uint8_t>(v >> 8));
    u1(static_cast<std::uint8_t>(v));
  }
  void raw(ByteView v) { bytes.insert(bytes.end(), v.begin(), v.end()); }
  void string(std::string_view v) {
    u2(v.size());
    raw(as_bytes(v));
  }
  Bytes bytes;
};

struct Entry {
  std::uint8_t tag = 0;
  std::uint16_t first = 0;
  std::uint16_t second = 0;
  std::string text;
  ByteView number;
};

struct Code {
  std::uint16_t max_stack = 0;
  std::uint16_t max_locals = 0;
  ByteView bytes;
  std::vector<std::uint16_t> handlers;  // four of each
};

struct Method {
  std::uint16_t flags = 0, name = 0, descriptor = 0;
  Code code;
  std::vector<std::uint16_t> exceptions;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : in_(bytes) {}

  ClassFile read() {
    if (in_.u4() != 0xcafebabe) throw std::runtime_error("no class file");
    minor_ = in_.u2();
    major_ = in_.u2();
    read_pool();
    result_.flags = in_.u2();
    result_.name = class_name(in_.u2());
    if (const std::uint16_t super = in_.u2()) result_.super = class_name(super);
    for (int count = in_.u2(); count > 0; --count) result_.interfaces.push_back(class_name(in_.u2()));
    Out fields = read_fields();
    read_methods();
    for (int count = in_.u2(); count > 0; --count) read_class_attribute();
    list_references();
    write(fields);
    return std::move(result_);
  }

 private:
  const std::string& text(std::uint16_t index) const { return pool_.at(index).text; }
  const std::string& class_name(std::uint16_t index) const { return text(pool_.at(index).first); }

  void read_pool() {
    pool_.resize(in_.u2());
    for (std::size_t i = 1; i < pool_.size(); ++i) {
      Entry& entry = pool_[i];
      entry.tag = in_.u1();
      switch (entry.tag) {
        case 1:
          entry.text = as_chars(in_.take(in_.u2()));
          break;
        case 3:
        case 4:
          entry.number = in_.take(4);
          break;
        case 5:
        case 6:
          entry.number = in_.take(8);
          ++i;
          break;
        case 7:
        case 8:
        case 16:
        case 19:
        case 20:
          entry.first = in_.u2();
          break;
        case 15:
          entry.first = in_.u1();
          entry.second = in_.u2();
          break;
        default:
          entry.first = in_.u2();
          entry.second = in_.u2();
          break;
      }
    }
  }

  Out read_fields() {
    Out out;
    const int count = in_.u2();
    out.u2(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const std::uint16_t flags = in_.u2(), name = in_.u2(), descriptor = in_.u2();
      std::uint16_t constant = 0;
      for (int attributes = in_.u2(); attributes > 0; --attributes) {
        const std::string& attribute = text(in_.u2());
        In value(in_.take(in_.u4()));
        if (attribute == "ConstantValue" && (flags & 8) != 0) constant = value.u2();
      }
      out.u2(flags & 0x50df);
      out.u2(name);
      out.u2(descriptor);
      out.u2(constant);
      result_.fields.push_back({text(name), text(descriptor), flags});
    }
    return out;
  }

  void read_methods() {
    for (int count = in_.u2(); count > 0; --count) {
      Method method{.flags = in_.u2(), .name = in_.u2(), .descriptor = in_.u2()};
      for (int attributes = in_.u2(); attributes > 0; --attributes) {
        const std::string& attribute = text(in_.u2());
        In value(in_.take(in_.u4()));
        if (attribute == "Code") {
          method.code.max_stack = value.u2();
          method.code.max_locals = value.u2();
          method.code.bytes = value.take(value.u4());
          for (int left = value.u2() * 4; left > 0; --left) method.code.handlers.push_back(value.u2());
        } else if (attribute == "Exceptions") {
          for (int left = value.u2(); left > 0; --left) method.exceptions.push_back(value.u2());
        }
      }
      result_.methods.push_back({text(method.name), text(method.descriptor), method.flags});
      methods_.push_back(std::move(method));
    }
    std::ranges::sort(methods_, [this](const Method& a, const Method& b) {
      return std::pair(text(a.name), text(a.descriptor)) < std::pair(text(b.name), text(b.descriptor));
    });
  }

  void read_class_attribute() {
    const std::string& attribute = text(in_.u2());
    In value(in_.take(in_.u4()));
    if (attribute != "BootstrapMethods") return;
    for (int count = value.u2(); count > 0; --count) {
      std::vector<std::uint16_t>& bootstrap = bootstraps_.emplace_back();
      bootstrap.push_back(value.u2());
      for (int arguments = value.u2(); arguments > 0; --arguments) bootstrap.push_back(value.u2());
    }
  }

  void list_references() {
    for (std::uint16_t i = 1; i < pool_.size(); ++i) {
      const Entry& entry = pool_[i];
      ClassFileReference reference{.index = i, .tag = entry.tag};
      if (entry.tag == 7 || entry.tag == 8) {
        reference.holder = text(entry.first);
      } else if (entry.tag >= 9 && entry.tag <= 11) {
        const Entry& name_and_type = pool_[entry.second];
        reference.holder = class_name(entry.first);
        reference.name = text(name_and_type.first);
        reference.descriptor = text(name_and_type.second);
      } else {
        continue;
      }
      result_.references.push_back(std::move(reference));
    }
  }

  void write(const Out& fields) {
    Out out;
    out.u1(1);
    out.u2(major_);
    out.u2(minor_);
    out.u2(result_.flags & 0x7631);
    out.string(result_.name);
    out.string(result_.super);
    out.u2(result_.interfaces.size());
    for (const std::string& name : result_.interfaces) out.string(name);
    out.u2(pool_.size());
    for (std::size_t i = 1; i < pool_.size(); ++i) i += write_entry(out, pool_[i]);
    out.u2(bootstraps_.size());
    for (const auto& bootstrap : bootstraps_) {
      out.u2(bootstrap[0]);
      out.u2(bootstrap.size() - 1);
      for (std::size_t i = 1; i < bootstrap.size(); ++i) out.u2(bootstrap[i]);
    }
    out.raw(fields.bytes);
    out.u2(methods_.size());
    for (const Method& method : methods_) write_method(out, method);
    result_.shape = std::move(out.bytes);
  }

  /// Returns the number of entries to skip.
  std::size_t write_entry(Out& out, const Entry& entry) const {
    out.u1(entry.tag);
    switch (entry.tag) {
      case 1:
        out.string(entry.text);
        return 0;
      case 3:
      case 4:
        out.raw(entry.number);
        return 0;
      case 5:
      case 6:
        out.raw(entry.number);
        return 1;
      case 8:
        out.string(text(entry.first));
        return 0;
      case 7:
      case 16:
      case 19:
      case 20:
        out.u2(entry.first);
        return 0;
      case 15:
        out.u1(static_cast<std::uint8_t>(entry.first));
        out.u2(entry.second);
        return 0;
      default:
        out.u2(entry.first);
        out.u2(entry.second);
        return 0;
    }
  }

  static void write_method(Out& out, const Method& method) {
    out.u2(method.flags & 0x1fff);
    out.u2(method.name);
    out.u2(method.descriptor);
    out.u2(method.code.bytes.size());
    if (!method.code.bytes.empty()) {
      out.u2(method.code.max_stack);
      out.u2(method.code.max_locals);
      out.raw(method.code.bytes);
      out.u2(method.code.handlers.size() / 4);
      for (const std::uint16_t word : method.code.handlers) out.u2(word);
    }
    out.u2(method.exceptions.size());
    for (const std::uint16_t klass : method.exceptions) out.u2(klass);
  }

  In in_;
  std::uint16_t minor_ = 0, major_ = 0;
  std::vector<Entry> pool_;
  std::vector<Method> methods_;
  std::vector<std::vector<std::uint16_t>> bootstraps_;
  ClassFile result_;
};

}  // namespace

ClassFile read_class_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  return Reader(bytes).read();
}

}  // namespace jitfarm::tests::compiler
