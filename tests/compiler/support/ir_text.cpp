#include "tests/compiler/support/ir_text.h"

#include <fmt/format.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <array>
#include <catch2/catch.hpp>
#include <regex>
#include <vector>

namespace jitfarm::tests::compiler {
namespace {

constexpr const char* kReference = "ptr addrspace(1)";

// Register order of preserve_nonecc with HotSpot's meanings (hotspot-abi 1).
constexpr std::array kTypes = {"ptr", "i64", "i64", "ptr", "i64", kReference, "i64", "i64", "i64", "i64", "i64", "i64"};
constexpr std::array kNames = {"%hb", "%r13", "%r14", "%thr", "%j5", "%j0", "%j1", "%j2", "%j3", "%j4", "%r11", "%rax"};
constexpr std::array kJavaArgument = {5, 6, 7, 8, 9, 4};

std::string joined(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

std::string prototype() {
  std::vector<std::string> types(kTypes.begin(), kTypes.end());
  return joined(types);
}

/// musttail arguments: everything dead but heap base, thread and the result.
std::string exit_arguments(const std::string& result) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    const bool live = i == 0 || i == 3;
    parts.push_back(fmt::format("{} {}", kTypes[i], i == 11 ? result : live ? kNames[i] : "poison"));
  }
  return joined(parts);
}

std::string call_arguments(const std::string& java) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    parts.push_back(fmt::format("{} {}", kTypes[i], i == 0 || i == 3 ? kNames[i] : "poison"));
  std::size_t next = 0;
  std::size_t at = 0;
  while (at < java.size() && next < kJavaArgument.size()) {
    std::size_t comma = java.find(", ", at);
    if (comma == std::string::npos) comma = java.size();
    parts[kJavaArgument[next++]] = java.substr(at, comma - at);
    at = comma + 2;
  }
  return joined(parts);
}

std::string replace_all(std::string text, const std::regex& pattern, auto make) {
  std::string out;
  std::smatch match;
  while (std::regex_search(text, match, pattern)) {
    out += match.prefix().str() + make(match);
    text = match.suffix().str();
  }
  return out + text;
}

}  // namespace

worker::compiler::Translation parse_ir(std::string_view text) {
  std::string ir(text);
  int unique = 0;
  ir = replace_all(ir, std::regex(R"(METHOD)"), [](const std::smatch&) {
    std::vector<std::string> parameters;
    for (std::size_t i = 0; i < kTypes.size(); ++i) parameters.push_back(fmt::format("{} {}", kTypes[i], kNames[i]));
    return fmt::format(
        "define preserve_nonecc void @method({}) gc \"statepoint-example\" personality ptr @pers {{\n"
        "entry:\n  %resc = alloca i64\n",
        joined(parameters));
  });
  ir = replace_all(ir, std::regex(R"(ARGS\(([^)]*(?:\(1\)[^)]*)*)\))"),
                   [](const std::smatch& m) { return "(" + call_arguments(m[1]) + ")"; });
  ir = replace_all(ir, std::regex(R"(RETURN (\S+))"), [](const std::smatch& m) {
    return fmt::format("musttail call preserve_nonecc void @ret_stub.0({}) \"gc-leaf-function\"\n  ret void",
                       exit_arguments(m[1]));
  });
  ir = replace_all(ir, std::regex(R"(UNWIND (\S+))"), [&](const std::smatch& m) {
    ++unique;
    return fmt::format(
        "%unwound{} = ptrtoint ptr addrspace(1) {} to i64\n"
        "  musttail call preserve_nonecc void @unwind_stub.0({}) \"gc-leaf-function\"\n  ret void",
        unique, m[1].str(), exit_arguments(fmt::format("%unwound{}", unique)));
  });
  ir = replace_all(ir, std::regex(R"(SITE\((\d+), (\d+)\))"), [](const std::smatch& m) {
    return fmt::format("\"statepoint-id\"=\"{}\" \"statepoint-num-patch-bytes\"=\"{}\"", m[1].str(), m[2].str());
  });
  ir = replace_all(ir, std::regex(R"(\bOOP\b)"), [](const std::smatch&) { return std::string(kReference); });
  ir = fmt::format(
      "target datalayout = \"e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-ni:1\"\n"
      "declare i32 @pers(...)\n"
      "declare preserve_nonecc void @ret_stub.0({0}) \"gc-leaf-function\"\n"
      "declare preserve_nonecc void @unwind_stub.0({0}) \"gc-leaf-function\"\n{1}",
      prototype(), ir);

  worker::compiler::Translation translation;
  translation.context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic diagnostic;
  translation.module = llvm::parseAssemblyString(ir, diagnostic, *translation.context);
  if (translation.module == nullptr) {
    std::string complaint;
    llvm::raw_string_ostream stream(complaint);
    diagnostic.print("test", stream);
    FAIL(complaint);
  }
  translation.methods = {MethodId{1}};
  return translation;
}

}  // namespace jitfarm::tests::compiler
