package suite;

/** Traps in the middle of loops with much live state, then recompilation; class loading that breaks an assumption. */
final class Deoptimization implements Suite.Case {
  static class Animal { int legs(int x) { return 4 + x; } }

  static double manyLocals(int[] a, int n, int badIndex) {
    int i1 = 1; long l1 = 2; float f1 = 3; double d1 = 4; Object o1 = a; byte b1 = 5; char c1 = 'x';
    double s = 0;
    for (int i = 0; i < n; i++) {
      i1 += i; l1 = l1 * 3 + i1; f1 += 0.5f; d1 = d1 * 0.5 + l1 % 7; b1 += 3; c1 += 1;
      int index = i == badIndex ? a.length : i % a.length;
      try { s += a[index]; } catch (ArrayIndexOutOfBoundsException e) { s -= i1 + l1 % 1000 + f1 + d1 + b1 + c1 + (o1 == a ? 1 : 0); }
    }
    return s + i1 + l1 % 1000003 + f1 + d1 + b1 + c1;
  }

  static int nullNow(int[][] rows, int n) { int s = 0; for (int i = 0; i < n; i++) { int[] r = rows[i % rows.length]; s += r == null ? -1 : r[i % r.length]; } return s; }
  static long zeroNow(int[] d, int n) { long s = 1; for (int i = 0; i < n; i++) { s = s * 31 + i / d[i % d.length]; } return s; }
  static int dispatch(Animal a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a.legs(i); return s; }
  static int unresolvedLater(int n, boolean last) { int s = 0; for (int i = 0; i < n; i++) { s += i; if (last && i == n - 1) s += Late.value + Late.bump(i); } return s; }
  static final class Late { static int value = 1000; static int bump(int i) { return value += i; } }
  static final class Insect extends Animal { @Override int legs(int x) { return 6 - x; } }

  @Override
  public void run(Suite.Out out) {
    int[] a = {3, 1, 4, 1, 5, 9, 2, 6};
    for (int bad : new int[] {-1, -1, -1, 700, -1, 3, -1}) out.add(manyLocals(a, 1500, bad));
    int[][] rows = {{1, 2}, {3}, null, {4, 5, 6}};
    out.add((long) nullNow(new int[][] {{1}, {2, 3}}, 1000));
    out.add((long) nullNow(rows, 1000));
    out.add(zeroNow(new int[] {1, 2, 3}, 1200));
    try { out.add(zeroNow(new int[] {1, 2, 0}, 1200)); } catch (ArithmeticException e) { out.thrown("zeroNow", e); }
    out.add(zeroNow(new int[] {7}, 1200));
    Animal animal = new Animal();
    out.add((long) dispatch(animal, 1000));
    out.add((long) dispatch(new Insect(), 1000));
    out.add((long) dispatch(animal, 1000));
    out.add((long) unresolvedLater(500, false));
    int before = Late.value;
    out.add((long) unresolvedLater(500, true) - 2L * before);
  }
}
