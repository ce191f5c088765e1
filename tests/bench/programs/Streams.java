import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Streams and lambdas: filters, maps, reductions, groups, composed functions. */
final class Streams implements Program {
  private final List<String> words = new ArrayList<>();

  Streams() {
    Numbers numbers = new Numbers(14);
    for (int i = 0; i < 3_000; i++) words.add(Integer.toString(numbers.below(40_000), 26));
  }

  @Override
  public long run() {
    int offset = words.size();
    long sum = IntStream.range(0, 20_000).filter(i -> i % 3 != 0).map(i -> i * i + offset).asLongStream().sum();
    sum = sum * 31 + words.stream().filter(w -> w.length() > 2).map(w -> w.substring(1)).mapToInt(String::hashCode).reduce(7, (a, b) -> a * 31 + b);
    sum = sum * 31 + words.stream().collect(Collectors.groupingBy(String::length, Collectors.counting())).entrySet().stream()
        .mapToLong(e -> e.getKey() * 1000L + e.getValue()).sum();
    sum = sum * 31 + words.stream().distinct().sorted().limit(50).collect(Collectors.joining(",")).hashCode();
    IntUnaryOperator chain = i -> i;
    for (int k = 1; k < 6; k++) {
      int step = k;
      chain = chain.andThen(i -> i * 3 + step);
    }
    for (int i = 0; i < 3_000; i++) sum += chain.applyAsInt(i);
    Function<Integer, Integer> boxed = i -> i + offset;
    for (int i = 0; i < 3_000; i++) sum += boxed.compose((Integer x) -> x * 2).apply(i);
    return sum;
  }
}
