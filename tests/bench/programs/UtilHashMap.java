import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** The library's hash maps, with strings and boxed numbers as keys. */
final class UtilHashMap implements Program {
  private final String[] words = new String[4_000];

  UtilHashMap() {
    Numbers numbers = new Numbers(10);
    for (int i = 0; i < words.length; i++) words[i] = "word" + numbers.below(1_500);
  }

  @Override
  public long run() {
    Map<String, Integer> counts = new HashMap<>();
    for (int turn = 0; turn < 5; turn++) for (String word : words) counts.merge(word, 1, Integer::sum);
    long sum = 0;
    for (Map.Entry<String, Integer> entry : counts.entrySet()) sum += entry.getKey().hashCode() * (long) entry.getValue();
    Map<Integer, String> byNumber = new LinkedHashMap<>();
    for (int i = 0; i < 10_000; i++) byNumber.put(i * 7919 % 10_007, words[i % words.length]);
    for (int i = 0; i < 10_000; i++) {
      String word = byNumber.get(i);
      if (word != null) sum = sum * 31 + word.length();
    }
    HashSet<Long> set = new HashSet<>();
    for (long i = 0; i < 10_000; i++) set.add(i * i % 5_003);
    for (long i = 0; i < 10_000; i++) if (set.contains(i)) sum += i;
    return sum;
  }
}
