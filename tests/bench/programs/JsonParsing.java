import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON document read into maps and lists, and written again. */
final class JsonParsing implements Program {
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    private char skip() {
      while (text.charAt(at) <= ' ') at++;
      return text.charAt(at);
    }

    private void expect(char c) {
      if (skip() != c) throw new IllegalArgumentException(c + " expected at " + at);
      at++;
    }

    Object value() {
      switch (skip()) {
        case '{': return object();
        case '[': return array();
        case '"': return string();
        case 't': at += 4; return Boolean.TRUE;
        case 'f': at += 5; return Boolean.FALSE;
        case 'n': at += 4; return null;
        default: return number();
      }
    }

    private Map<String, Object> object() {
      Map<String, Object> map = new LinkedHashMap<>();
      expect('{');
      if (skip() == '}') {
        at++;
        return map;
      }
      while (true) {
        skip();
        String key = string();
        expect(':');
        map.put(key, value());
        if (skip() == '}') break;
        expect(',');
      }
      at++;
      return map;
    }

    private List<Object> array() {
      List<Object> list = new ArrayList<>();
      expect('[');
      if (skip() == ']') {
        at++;
        return list;
      }
      while (true) {
        list.add(value());
        if (skip() == ']') break;
        expect(',');
      }
      at++;
      return list;
    }

    private String string() {
      expect('"');
      StringBuilder out = new StringBuilder();
      while (true) {
        char c = text.charAt(at++);
        if (c == '"') return out.toString();
        if (c == '\\') {
          c = text.charAt(at++);
          if (c == 'n') c = '\n';
          else if (c == 't') c = '\t';
          else if (c == 'u') {
            c = (char) Integer.parseInt(text.substring(at, at + 4), 16);
            at += 4;
          }
        }
        out.append(c);
      }
    }

    private Object number() {
      int start = at;
      boolean real = false;
      for (; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '.' || c == 'e' || c == 'E') real = true;
        else if ((c < '0' || c > '9') && c != '-' && c != '+') break;
      }
      String digits = text.substring(start, at);
      if (real) return Double.valueOf(digits);
      return Long.valueOf(digits);
    }
  }

  private static void write(Object value, StringBuilder out) {
    if (value instanceof Map) {
      char before = '{';
      if (((Map<?, ?>) value).isEmpty()) out.append('{');
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        out.append(before);
        write(entry.getKey(), out);
        out.append(':');
        write(entry.getValue(), out);
        before = ',';
      }
      out.append('}');
    } else if (value instanceof List) {
      char before = '[';
      if (((List<?>) value).isEmpty()) out.append('[');
      for (Object element : (List<?>) value) {
        out.append(before);
        write(element, out);
        before = ',';
      }
      out.append(']');
    } else if (value instanceof String) {
      String string = (String) value;
      out.append('"');
      for (int i = 0; i < string.length(); i++) {
        char c = string.charAt(i);
        if (c == '"' || c == '\\') out.append('\\').append(c);
        else if (c == '\n') out.append("\\n");
        else out.append(c);
      }
      out.append('"');
    } else {
      out.append(value);
    }
  }

  private final String document;

  JsonParsing() {
    StringBuilder text = new StringBuilder("[");
    Numbers numbers = new Numbers(11);
    for (int i = 0; i < 300; i++) {
      text.append(i == 0 ? "\n" : ",\n");
      text.append("  {\"id\": ").append(i).append(", \"name\": \"item \\\"").append(numbers.below(1000)).append("\\\"\\n\\u00e9\", ");
      text.append("\"price\": ").append(numbers.below(100_000) / 100.0).append(", \"tags\": [\"a\", \"b").append(i % 7).append("\", true, null], ");
      text.append("\"size\": {\"w\": ").append(numbers.below(50)).append(", \"h\": -").append(numbers.below(50)).append(", \"none\": {}}}");
    }
    document = text.append("\n]").toString();
  }

  @Override
  public long run() {
    Object value = new Parser(document).value();
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString().hashCode() * 31L + out.length();
  }
}
