import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    public static void main(String[] arguments) throws InterruptedException {
        int rounds = Integer.parseInt(arguments[0]);
        long checksum = 0;
        for (int round = 0; round < rounds; round++) {
            checksum = checksum * 31 + sieve(2000) + words(round) + (long) shapes(round) + streams(round) + digits(round).hashCode();
        }
        System.out.println(checksum);
        Thread.sleep(Long.parseLong(arguments[1]));
    }
}
