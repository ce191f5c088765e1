package suite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.*;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** invokedynamic as javac writes it: lambdas, method references, string concatenation, records; exceptions and collections in their frames. */
final class Lambdas implements Suite.Case {
  interface Wide { String all(boolean z, byte b, short s, char c, int i, long j, float f, double d, Object o); }
  interface Throwing { int run(int i) throws Exception; }
  interface Longs { long apply(long a, int b, long c, int d, long e, double f, long g, long h); }

  final int field;
  static int statics = 3;
  Lambdas() { this(11); }
  Lambdas(int field) { this.field = field; }

  // ---- what a lambda captures
  static IntUnaryOperator nothing() { return x -> x * 3 + 1; }
  static IntUnaryOperator one(int a) { return x -> x + a; }
  static Supplier<String> everything(boolean z, byte b, short s, char c, int i, long j, float f, double d, Object o) {
    return () -> z + "," + b + "," + s + "," + c + "," + i + "," + j + "," + f + "," + d + "," + o;
  }
  IntUnaryOperator receiver() { return x -> x + field; }
  static IntSupplier arrays(int[] a, String[] s) { return () -> a[1] + s[0].length(); }
  static Supplier<Supplier<Integer>> nested(int a) { return () -> { int b = a + 1; return () -> a * b; }; }
  static IntUnaryOperator counting(int[] calls) { return x -> { calls[0]++; statics += x; return calls[0]; }; }
  static Longs many(long base) { return (a, b, c, d, e, f, g, h) -> base + a * 2 + b * 3 + c * 5 + d * 7 + e * 11 + (long) (f * 13) + g * 17 + h * 19; }

  // ---- method references of each kind
  static int twice(int x) { return 2 * x; }
  int plus(int x) { return x + field; }
  static IntUnaryOperator staticReference() { return Lambdas::twice; }
  static IntUnaryOperator boundReference(Lambdas l) { return l::plus; }
  static ToIntFunction<String> unboundReference() { return String::length; }
  static IntFunction<Lambdas> constructorReference() { return Lambdas::new; }
  static IntFunction<int[]> arrayReference() { return int[]::new; }
  static Function<Object, String> objectReference() { return Object::toString; }
  static ToIntBiFunction<List<Integer>, Integer> interfaceReference() { return List::indexOf; }
  static Function<Integer, Long> boxing() { return Integer::longValue; }
  static class Parent { int name(int x) { return x + 1; } }
  static class Child extends Parent {
    @Override int name(int x) { return x + 1000; }
    IntUnaryOperator superReference() { return super::name; }
  }
  @SuppressWarnings("unchecked")
  static Comparator<String> serializable() { return (Comparator<String> & java.io.Serializable) String::compareTo; }

  // ---- call sites in loops and branches; the same constant at several sites
  static int loop(int n) {
    int s = 0;
    for (int i = 0; i < n; i++) { int k = i; IntUnaryOperator f = x -> x ^ k; s += f.applyAsInt(s); }
    return s;
  }
  static int branches(int k) {
    IntUnaryOperator f;
    if (k == 0) f = x -> x + 1; else if (k == 1) f = x -> x * 2; else if (k == 2) f = Lambdas::twice; else f = null;
    return f.applyAsInt(k + 10);
  }
  static int sharedConstant(int k) {
    Supplier<String> a = String::new;
    Supplier<String> b = String::new;
    Supplier<String> c = k > 5 ? String::new : a;
    return a.get().length() + b.get().length() + (c == a ? 1 : 2) + (a == b ? 4 : 8);
  }

  // ---- string concatenation
  static String concat(boolean z, byte b, short s, char c, int i, long j, float f, double d, Object o, String t) {
    return "z" + z + b + "s" + s + c + i + "j" + j + f + "d" + d + o + t + "\u00e9\u0001\u0002";
  }
  static String nulls(String s, Object o) { return s + o + null + s; }
  static String chars(char a, char b) { return "" + a + b + '\u4e2d'; }
  static String longs(long a, long b) { return a + ":" + b; }
  static String append(String s, int n) { for (int i = 0; i < n; i++) s += i % 10; return s; }
  static String allWide(Wide w) { return w.all(true, (byte) -1, (short) 300, 'x', 70000, 1L << 40, 1.5f, -0.0, null); }

  // ---- records
  record Point(int x, int y) {}
  record Mixed(boolean z, byte b, short s, char c, int i, long j, float f, double d, String t, Object[] o) {}
  record Empty() {}
  static int recordHash(Object r) { return r.hashCode(); }
  static boolean recordEquals(Object a, Object b) { return a.equals(b); }
  static String recordString(Object r) { return r.toString(); }

  // ---- switches that javac writes with helpers
  enum Colour { red, green, blue { @Override int code() { return 99; } }; int code() { return ordinal(); } }
  static int onString(String s) {
    switch (s) { case "a": return 1; case "Aa": return 2; case "BB": return 3; case "long string": return 4; default: return -1; }
  }
  static int onEnum(Colour c) { return switch (c) { case red -> 10; case green -> 20; case blue -> 30 + c.code(); }; }

  // ---- exceptions
  static int thrower(int i) { if (i % 3 == 0) throw new IllegalStateException("lambda " + i); return i; }
  static int throughLambda(int i) { IntUnaryOperator f = x -> thrower(x) + 1; return f.applyAsInt(i); }
  static int throughReference(int i) { IntUnaryOperator f = Lambdas::thrower; return f.applyAsInt(i) + 2; }
  static int caught(int i) {
    Throwing f = x -> { if (x % 2 == 0) throw new Exception("checked " + x); return thrower(x); };
    try { return f.run(i); } catch (IllegalStateException e) { return -1; } catch (Exception e) { return -e.getMessage().length(); }
  }
  static int nullReceiver(Lambdas l) { IntUnaryOperator f = l::plus; return f.applyAsInt(1); }
  static int nullFunction(IntUnaryOperator f) { return f.applyAsInt(1); }
  static Object wrongCast(Supplier<?> s) { return (Integer) s.get(); }

  // ---- collections and deoptimisations while lambda frames are on the stack
  static int collecting(int n) {
    Function<Integer, List<int[]>> make = k -> { List<int[]> l = new ArrayList<>(); for (int i = 0; i < 50; i++) l.add(new int[] {k, i}); Suite.disturb(k); return l; };
    int s = 0;
    for (int k = 0; k < n; k++) for (int[] a : make.apply(k)) s = s * 31 + a[0] + a[1];
    return s;
  }
  static String deoptimised(int n, Object o, long j, double d) {
    Function<Object, String> f = x -> { Suite.deoptimizeAll(); return x + ":" + o + ":" + j + ":" + d; };
    String s = "";
    for (int i = 0; i < n; i++) s += f.apply(i) + "/" + o;
    return s;
  }

  // ---- library code that is made of lambdas
  static long streams(int n) {
    return IntStream.range(0, n).filter(i -> i % 3 != 0).mapToObj(i -> "k" + i % 10).collect(Collectors.groupingBy(s -> s, Collectors.counting()))
        .entrySet().stream().sorted(java.util.Map.Entry.comparingByKey()).mapToLong(e -> e.getKey().hashCode() * e.getValue()).sum();
  }
  static int sorted(String[] a) {
    String[] b = a.clone();
    Arrays.sort(b, Comparator.comparing(String::length).thenComparing(Comparator.reverseOrder()));
    return String.join(",", b).hashCode();
  }

  @Override
  public int rounds() { return Math.min(8, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) {
    for (int i = 0; i < 6; i++) {
      out.add((long) nothing().applyAsInt(i));
      out.add((long) one(i).applyAsInt(40));
      out.add(everything(i % 2 == 0, (byte) i, (short) -i, (char) ('a' + i), i * 1000, (long) i << 33, i / 4f, -i / 8.0, i == 3 ? null : "o" + i).get());
      out.add((long) new Lambdas(i).receiver().applyAsInt(5));
      out.add((long) arrays(new int[] {1, i}, new String[] {"abc"}).getAsInt());
      out.add((long) nested(i).get().get());
      int[] calls = {0};
      IntUnaryOperator counter = counting(calls);
      statics = 3;
      for (int k = 0; k < 5; k++) out.add((long) counter.applyAsInt(k));
      out.add((long) statics);
      out.add(many(i).apply(1, 2, 3, 4, 5, 6.5, 7, 8));
      out.add((long) staticReference().applyAsInt(i));
      out.add((long) boundReference(new Lambdas(i)).applyAsInt(i));
      out.add((long) unboundReference().applyAsInt("x".repeat(i)));
      out.add((long) constructorReference().apply(i).field);
      out.add((long) arrayReference().apply(i).length);
      out.add(objectReference().apply(i));
      out.add((long) interfaceReference().applyAsInt(List.of(5, 4, 3, 2, 1, 0), i));
      out.add(boxing().apply(i));
      out.add((long) new Child().superReference().applyAsInt(i));
      out.add((long) serializable().compare("a" + i, "a3"));
      out.add((long) loop(20 + i));
      out.add((long) sharedConstant(i + 3));
      try { out.add((long) branches(i)); } catch (NullPointerException e) { out.thrown("branches " + i, e); }
      out.add(concat(i == 2, (byte) -i, (short) (i * 99), (char) ('\u00ff' + i), -i, Long.MIN_VALUE + i, i / 3f, i * 1e100, i == 4 ? null : i, i == 5 ? null : "t"));
      out.add(nulls(i == 1 ? null : "n", i == 2 ? null : i));
      out.add(chars((char) ('a' + i), '\u20ac'));
      out.add(longs(i, -i));
      out.add(append("", i * 7));
      out.add(allWide((z, b, s, c, k, j, f, d, o) -> z + "" + b + s + c + k + j + f + d + o));
      out.add((long) onString(new String[] {"a", "Aa", "BB", "long string", "", "C#"}[i]));
      out.add((long) onEnum(Colour.values()[i % 3]));
      try { out.add((long) throughLambda(i)); } catch (IllegalStateException e) { out.thrown("lambda " + i, e); }
      try { out.add((long) throughReference(i)); } catch (IllegalStateException e) { out.thrown("reference " + i, e); }
      out.add((long) caught(i));
      try { out.add((long) nullReceiver(i == 3 ? null : new Lambdas(i))); } catch (NullPointerException e) { out.thrown("null receiver", e); }
      try { out.add((long) nullFunction(i == 3 ? null : x -> x)); } catch (NullPointerException e) { out.thrown("null function", e); }
      try { out.add(String.valueOf(wrongCast(i == 3 ? () -> "no" : () -> 1))); } catch (ClassCastException e) { out.add("cce"); }
    }
    Object[] records = {new Point(1, 2), new Point(1, 2), new Point(2, 1), new Mixed(true, (byte) 1, (short) 2, 'c', 3, 4L, 5f, 6.0, "t", null), new Mixed(true, (byte) 1, (short) 2, 'c', 3, 4L, 5f, -6.0, null, null), new Empty(), new Empty()};
    for (Object a : records) {
      out.add((long) recordHash(a));
      out.add(recordString(a));
      for (Object b : records) out.add(recordEquals(a, b));
    }
    out.add((long) collecting(6));
    out.add(deoptimised(3, "object", 1L << 40, 0.125));
    out.add(streams(300));
    out.add((long) sorted(new String[] {"pear", "fig", "apple", "kiwi", "date", "plum", ""}));
  }
}
