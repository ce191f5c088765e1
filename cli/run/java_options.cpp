#include "cli/run/java_options.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace jitfarm::cli {
namespace {

constexpr std::size_t kFileBytesMax = 1
                                      << 20;  // the launcher takes more; nobody writes more options

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  for (std::istreambuf_iterator<char> at(in), end; at != end && text.size() < kFileBytesMax; ++at)
    text.push_back(*at);
  return text;
}

/// Options of the launcher whose value is the next word (java.c, IsWhiteSpaceOption).
bool takes_next_word(std::string_view option) {
  static constexpr std::string_view kOptions[] = {"-cp",
                                                  "-classpath",
                                                  "--class-path",
                                                  "-p",
                                                  "--module-path",
                                                  "--upgrade-module-path",
                                                  "--add-modules",
                                                  "--enable-native-access",
                                                  "--limit-modules",
                                                  "--add-exports",
                                                  "--add-opens",
                                                  "--add-reads",
                                                  "--patch-module",
                                                  "-m",
                                                  "--module",
                                                  "-d",
                                                  "--describe-module",
                                                  "--source"};
  return std::ranges::find(kOptions, option) != std::end(kOptions);
}

bool names_main_module(std::string_view option) {
  return option == "-m" || option == "--module" || option.starts_with("--module=");
}

/// The launcher's own words, JDK_JAVA_OPTIONS before them, with the argument files in their places.
struct Word {
  std::string text, source;
  bool after_ours = false;
};

class Expansion {
 public:
  void add(const std::vector<std::string>& words, const std::string& source, bool after_ours) {
    for (const auto& word : words) add({word, source, after_ours}, true);
  }
  const std::vector<Word>& words() const { return words_; }

 private:
  // Files are expanded up to the main class, and not again inside of files.
  void add(Word word, bool expand) {
    if (expand && expanding_ && word.text.size() > 1 && word.text[0] == '@') {
      if (word.text[1] != '@') {
        for (auto& inner : argument_file_words(contents(word.text.substr(1))))
          add({std::move(inner), word.text, word.after_ours}, false);
        return;
      }
      word.text.erase(0, 1);  // @@x is the word @x
    }
    if (word.text.starts_with("-")) {
      if (word.text == "--disable-@files" || word.text.starts_with("--module=")) expanding_ = false;
      value_ = takes_next_word(word.text) && !names_main_module(word.text);
    } else {
      if (!value_) expanding_ = false;  // the main class
      value_ = false;
    }
    words_.push_back(std::move(word));
  }

  std::vector<Word> words_;
  bool expanding_ = true;
  bool value_ = false;  ///< the next word is the value of an option
};

void add_option(std::vector<VmOption>& options, VmOption option) {
  static constexpr std::string_view kFile = "-XX:VMOptionsFile=";
  if (!option.text.starts_with(kFile)) {
    options.push_back(std::move(option));
    return;
  }
  const std::string file = option.text.substr(kFile.size());
  for (auto& word : variable_words(contents(file)))
    if (!word.starts_with(kFile)) options.push_back({std::move(word), file, option.after_ours});
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = ::getenv(name);
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::vector<std::string> argument_file_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;  // of a word
  char quote = 0;
  const auto finish = [&] {
    if (inside) words.push_back(std::move(word));
    word.clear();
    inside = false;
  };
  const auto skip_line_end = [&](std::size_t& i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else if (c == '\n' || c == '\r') {
        quote = 0;  // a line end closes an open quote, and the word
        finish();
      } else if (c == '\\' && i + 1 < text.size()) {
        const char next = text[++i];
        switch (next) {
          case 'n':
            word += '\n';
            break;
          case 't':
            word += '\t';
            break;
          case 'r':
            word += '\r';
            break;
          case 'f':
            word += '\f';
            break;
          case '\n':
          case '\r':  // goes on in the next line, without its indentation
            skip_line_end(i);
            while (i + 1 < text.size() &&
                   (text[i + 1] == ' ' || text[i + 1] == '\t' || text[i + 1] == '\f'))
              ++i;
            break;
          default:
            word += next;
        }
      } else {
        word += c;
      }
    } else if (is_space(c)) {
      finish();
    } else if (c == '#') {  // also in a word, which the launcher then drops
      word.clear();
      inside = false;
      while (i + 1 < text.size() && text[i + 1] != '\n' && text[i + 1] != '\r') ++i;
    } else if (c == '"' || c == '\'') {
      quote = c;
      inside = true;
    } else {
      word += c;
      inside = true;
    }
  }
  finish();
  return words;
}

std::vector<std::string> variable_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (is_space(c)) {
      if (inside) words.push_back(std::move(word));
      word.clear();
      inside = false;
    } else {
      inside = true;
      if (c == '"' || c == '\'')
        quote = c;
      else
        word += c;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

std::vector<VmOption> vm_options(const std::vector<std::string>& arguments,
                                 const Environment& environment) {
  const auto variable = [&](const char* name) {
    return variable_words(environment(name).value_or(""));
  };
  std::vector<VmOption> options;
  for (auto& word : variable("JAVA_TOOL_OPTIONS"))
    add_option(options, {std::move(word), "JAVA_TOOL_OPTIONS", false});

  Expansion expansion;
  expansion.add(variable("JDK_JAVA_OPTIONS"), "JDK_JAVA_OPTIONS", false);
  expansion.add(arguments, "the command line", true);
  const auto& words = expansion.words();
  for (std::size_t i = 0; i < words.size() && words[i].text.starts_with("-"); ++i) {
    const auto& [text, source, after_ours] = words[i];
    if (names_main_module(text)) break;  // what follows is the application's
    if (takes_next_word(text))
      ++i;
    else
      add_option(options, {text, source, after_ours});
  }

  for (auto& word : variable("_JAVA_OPTIONS"))
    add_option(options, {std::move(word), "_JAVA_OPTIONS", true});
  return options;
}

}  // namespace jitfarm::cli
