/** Strings joined, split, searched and replaced. */
final class StringBuilding implements Program {
  @Override
  public long run() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      text.append("line ").append(i).append(": ").append(i * 31L).append(i % 3 == 0 ? ';' : ',').append(i / 8.0).append('\n');
    }
    String all = text.toString();
    long hash = all.hashCode();
    for (int start = 0, end; (end = all.indexOf('\n', start)) >= 0; start = end + 1) {
      String line = all.substring(start, end);
      int colon = line.indexOf(": ");
      String name = line.substring(0, colon), rest = line.substring(colon + 2);
      String key = name.toUpperCase() + "=" + rest.trim().replace(',', '.') + "/" + rest.length();
      hash = hash * 31 + key.hashCode() + (key.endsWith("5") ? 1 : 0) + (line.contains("99") ? 3 : 0);
      if (name.equals("line 1000") || rest.startsWith("62")) hash++;
    }
    return hash;
  }
}
