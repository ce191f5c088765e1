/** Edit distances of strings by dynamic programming: a matrix of ints and chars of strings. */
final class Distance implements Program {
  private final String[] words = new String[12];

  Distance() {
    Numbers numbers = new Numbers(7);
    for (int i = 0; i < words.length; i++) {
      StringBuilder word = new StringBuilder();
      for (int j = 0; j < 60 + i; j++) word.append((char) ('a' + numbers.below(6)));
      words[i] = word.toString();
    }
  }

  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) cost[i][0] = i;
    for (int j = 0; j <= b.length(); j++) cost[0][j] = j;
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(change, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
      }
    }
    return cost[a.length()][b.length()];
  }

  @Override
  public long run() {
    long result = 0;
    for (String a : words) for (String b : words) result = result * 31 + distance(a, b);
    return result;
  }
}
