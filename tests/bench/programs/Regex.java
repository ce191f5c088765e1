import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Regular expressions over the lines of a log. */
final class Regex implements Program {
  private static final Pattern LINE = Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.\\d+) - (\\w+|-) \\[([^\\]]+)\\] \"(GET|POST) (/[^ \"]*)\" (\\d{3}) (\\d+)");
  private static final Pattern WORD = Pattern.compile("\\b[a-z]+(?:ing|ed)\\b|[A-Z]{2,}", Pattern.MULTILINE);
  private final String log;

  Regex() {
    Numbers numbers = new Numbers(13);
    String[] paths = {"/index.html", "/loading/started?x=1", "/API/v2/parsed", "/a/b/c/running.png", "/"};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      text.append(numbers.below(256)).append('.').append(numbers.below(256)).append(".0.").append(i & 255).append(" - ").append(i % 3 == 0 ? "-" : "user" + i)
          .append(" [12/Mar/2024:10:").append(i % 60).append("] \"").append(i % 5 == 0 ? "POST " : "GET ").append(paths[numbers.below(paths.length)])
          .append(i % 11 == 0 ? " HTTP" : "").append("\" ").append(i % 9 == 0 ? 404 : 200).append(' ').append(numbers.below(100_000)).append('\n');
    }
    log = text.toString();
  }

  @Override
  public long run() {
    long hash = 0;
    Matcher line = LINE.matcher(log);
    while (line.find()) hash = hash * 31 + line.group(5).hashCode() + Integer.parseInt(line.group(7)) + line.start(2);
    Matcher word = WORD.matcher(log);
    while (word.find()) hash = hash * 31 + word.end() - word.start();
    return hash * 31 + log.replaceAll("\\d+", "#").length();
  }
}
