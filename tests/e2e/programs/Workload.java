import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The same work every time, on one thread: `Workload ROUNDS IDLE_MS`. Idle at its end, as a server between two requests. */
public class Workload {
    interface Shape {
        double area();
    }

    record Circle(double radius) implements Shape {
        public double area() {
            return Math.PI * radius * radius;
        }
    }

    record Square(double side) implements Shape {
        public double area() {
            return side * side;
        }
    }

    static long sieve(int limit) {
        boolean[] composite = new boolean[limit];
        long sum = 0;
        for (int i = 2; i < limit; i++) {
            if (composite[i]) continue;
            sum += i;
            for (int j = 2 * i; j < limit; j += i) composite[j] = true;
        }
        return sum;
    }

    static int words(int round) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200; i++) text.append("word").append((i * 31 + round) % 57).append(i % 7 == 0 ? ", " : " ");
        Map<String, Integer> counts = new HashMap<>();
        for (String word : Pattern.compile("[, ]+").split(text)) counts.merge(word, 1, Integer::sum);
        return new TreeMap<>(counts).toString().hashCode();
    }

    static double shapes(int round) {
        List<Shape> shapes = new ArrayList<>();
        for (int i = 0; i < 100; i++) shapes.add((i + round) % 3 == 0 ? new Circle(i) : new Square(i));
        double sum = 0;
        for (Shape shape : shapes) sum += shape.area();
        return sum + shapes.stream().filter(s -> s instanceof Circle).mapToDouble(Shape::area).sum();
    }

    static int streams(int round) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 300; i++) numbers.add((i * 7919 + round) % 1000);
        numbers.sort((a, b) -> Integer.compare(b, a));
        return numbers.stream().collect(Collectors.groupingBy(n -> n % 10, TreeMap::new, Collectors.counting())).hashCode();
    }

    static String digits(int round) {
        java.math.BigInteger product = java.math.BigInteger.ONE;
        for (int i = 1; i < 60; i++) product = product.multiply(java.math.BigInteger.valueOf(i + round % 5));
        return product.toString();
    }

    static int dates(int round) {
        LocalDate day = LocalDate.of(2020, 1, 1);
        int sum = 0;
        for (int i = 0; i < 80; i++) {
            day = day.plusDays(i % 17 + round % 3);
            sum += day.getDayOfWeek().getValue() * day.lengthOfMonth() + day.toString().length();
        }
        return sum;
    }

    static int formats(int round) {
        int sum = 0;
        for (int i = 0; i < 20; i++) sum += String.format("%05d %s %.2f|%x", i, "a" + round % 4, i / 3.0, i * round).hashCode();
        return sum;
    }

    /** Small methods that call each other: questions come level by level when they are inlined. */
    static final class Money {
        private final long cents;

        Money(long cents) {
            this.cents = check(cents);
        }

        private static long check(long cents) {
            return Math.floorMod(cents, 1_000_000_007L);
        }

        Money plus(Money other) {
            return of(Sums.add(cents, other.cents));
        }

        static Money of(long cents) {
            return new Money(cents);
        }
    }

    static final class Sums {
        static long add(long a, long b) {
            return Carry.with(a, b, 0);
        }
    }

    static final class Carry {
        static long with(long a, long b, int carry) {
            return Bits.mix(a + b + carry);
        }
    }

    static final class Bits {
        static long mix(long bits) {
            return Rotated.by(bits, 7) ^ bits;
        }
    }

    static final class Rotated {
        static long by(long bits, int distance) {
            return Long.rotateLeft(bits, distance) + Long.bitCount(bits);
        }
    }

    static long money(int round) {
        Money sum = Money.of(round);
        for (int i = 0; i < 200; i++) sum = sum.plus(Money.of(i));
        return sum.cents;
    }

    static int failures(int round) {
        int caught = 0;
        for (int i = 0; i < 50; i++) {
            try {
                if ((i + round) % 5 == 0) throw new IllegalStateException("every fifth");
                caught += Optional.of(i).map(n -> n * 2).filter(n -> n > 10).orElse(1);
            } catch (IllegalStateException e) {
                caught += e.getMessage().length();
            }
        }
        return caught;
    }

    static int queues(int round) {
        PriorityQueue<Map.Entry<String, Integer>> queue = new PriorityQueue<>(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry::getKey));
        ArrayDeque<Integer> ring = new ArrayDeque<>();
        LinkedHashMap<Integer, String> names = new LinkedHashMap<>();
        for (int i = 0; i < 100; i++) {
            queue.add(Map.entry("k" + i % 13, (i * 37 + round) % 101));
            ring.addLast(i);
            if (ring.size() > 10) names.put(ring.removeFirst(), switch (i % 3) { case 0 -> "zero"; case 1 -> "one"; default -> "two"; });
        }
        int sum = names.hashCode();
        while (!queue.isEmpty()) sum = sum * 31 + queue.poll().getValue();
        return sum;
    }

    public static void main(String[] arguments) throws InterruptedException {
        int rounds = Integer.parseInt(arguments[0]);
        long checksum = 0;
        for (int round = 0; round < rounds; round++) {
            checksum = checksum * 31 + sieve(2000) + words(round) + (long) shapes(round) + streams(round) + digits(round).hashCode();
        }
        // What these need is not loaded yet when the first is compiled.
        for (int round = 0; round < rounds; round++) {
            checksum = checksum * 31 + dates(round) + formats(round) + money(round) + failures(round) + queues(round);
        }
        System.out.println(checksum);
        Thread.sleep(Long.parseLong(arguments[1]));
    }
}
