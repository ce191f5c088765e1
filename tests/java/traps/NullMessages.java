package traps;

import static traps.Trap.HOT;

/** The words of implicit exceptions: they name what was null, which index, which class. */
final class NullMessages {
  NullMessages next;
  int[] numbers;
  Object[][] table;
  static NullMessages root;
  String name() { return "n"; }

  static int chain(NullMessages x) { return x.next.next.numbers[3]; }
  /** Which link of a chain of fields is null. */
  static void chain(Trap t) {
    NullMessages a = new NullMessages(), b = new NullMessages(), c = new NullMessages();
    a.next = b; b.next = c; c.numbers = new int[4];
    for (int i = 0; i < HOT; i++) t.same(0, chain(a));
    c.numbers = null;
    t.thrown(NullPointerException.class, () -> chain(a));
    b.next = null;
    t.thrown(NullPointerException.class, () -> chain(a));
    t.thrown(NullPointerException.class, () -> chain((NullMessages) null));
    t.same("Cannot read field \"next\" because \"x\" is null", t.thrown(NullPointerException.class, () -> chain((NullMessages) null)).getMessage());
  }

  static void store(NullMessages x, int i, Object v) { x.table[i][i + 1] = v; }
  /** Stores into arrays of arrays. */
  static void store(Trap t) {
    NullMessages x = new NullMessages();
    x.table = new Object[3][3];
    for (int i = 0; i < HOT; i++) store(x, i % 2, "v");
    x.table[1] = null;
    t.thrown(NullPointerException.class, () -> { store(x, 1, "v"); return 0; });
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> { store(x, 2, "v"); return 0; });
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> { store(x, 3, "v"); return 0; });
    x.table[0] = new String[3];
    t.same("java.lang.Integer", t.thrown(ArrayStoreException.class, () -> { store(x, 0, 5); return 0; }).getMessage());
  }

  static int calls(NullMessages x, int[] a, String s) { return x.name().length() + a.length + s.length() + root.name().length(); }
  /** Calls on null: an argument, a static field, the result of a call. */
  static void calls(Trap t) {
    root = new NullMessages();
    for (int i = 0; i < HOT; i++) t.same(1 + i + 1 + 1, calls(root, new int[i], "s"));
    NullMessages r = root;
    t.thrown(NullPointerException.class, () -> calls(null, new int[1], "s"));
    t.thrown(NullPointerException.class, () -> calls(r, null, "s"));
    t.thrown(NullPointerException.class, () -> calls(r, new int[1], null));
    root = null;
    t.thrown(NullPointerException.class, () -> calls(r, new int[1], "s"));
  }

  static int indices(int[] a, long[] b, int i) { return a[i] + (int) b[i + 1]; }
  /** The index and the length in the words. */
  static void indices(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0, indices(new int[3], new long[4], i % 3));
    t.same("Index 3 out of bounds for length 3", t.thrown(ArrayIndexOutOfBoundsException.class, () -> indices(new int[3], new long[4], 3)).getMessage());
    t.same("Index -2147483648 out of bounds for length 0", t.thrown(ArrayIndexOutOfBoundsException.class, () -> indices(new int[0], null, Integer.MIN_VALUE)).getMessage());
    t.same("Index 2 out of bounds for length 1", t.thrown(ArrayIndexOutOfBoundsException.class, () -> indices(new int[3], new long[1], 1)).getMessage());
  }

  static int sizes(int n, int m) { return new int[n].length + new String[m][n].length; }
  /** The negative length in the words. */
  static void sizes(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 3, sizes(i, 3));
    t.same("-5", t.thrown(NegativeArraySizeException.class, () -> sizes(-5, 3)).getMessage());
    t.same("-7", t.thrown(NegativeArraySizeException.class, () -> sizes(5, -7)).getMessage());
  }

  static int inlinedFrames(NullMessages x) { return first(x) + second(x.next); }
  static int first(NullMessages x) { return x.numbers.length; }
  static int second(NullMessages x) { return x.name().length(); }
  /** The words and the frames when the null is met in an inlined callee. */
  static void inlinedFrames(Trap t) {
    NullMessages a = new NullMessages();
    a.numbers = new int[2];
    a.next = a;
    for (int i = 0; i < HOT; i++) t.same(3, inlinedFrames(a));
    a.next = null;
    t.frames(t.thrown(NullPointerException.class, () -> inlinedFrames(a)));
    a.numbers = null;
    t.frames(t.thrown(NullPointerException.class, () -> inlinedFrames(a)));
  }

  static int unboxing(Integer a, Boolean b) { return b ? a : -a; }
  /** Unboxing of null. */
  static void unboxing(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? i : -i, unboxing(i, i % 2 == 0));
    t.thrown(NullPointerException.class, () -> unboxing(null, true));
    t.thrown(NullPointerException.class, () -> unboxing(1, null));
  }
}
