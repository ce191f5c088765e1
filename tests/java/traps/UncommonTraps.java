package traps;

import static traps.Trap.HOT;

/** What never happened while code was compiled happens, once, rarely, often. */
final class UncommonTraps {
  static int count;
  static final class Late { static int value = 3; int f = 4; static int call(int x) { return x + value; } }
  static final class Late2 { int f = 4; }
  static final class Late3 { }

  static int untakenBranch(int x) { int s = x * 3; if (x > 100000) { count++; s += x * 7; } return s; }
  /** A branch that was never taken is taken with side effects; afterwards it is taken often. */
  static void untakenBranch(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 3, untakenBranch(i));
    int before = count;
    t.same(1000010, untakenBranch(100001));
    t.same(1, count - before);
    for (int i = 0; i < HOT; i++) t.add(untakenBranch(100001 + i));
    t.same(HOT + 1, count - before);
  }

  static int unseenCase(int[] what, int x) {
    int s = x;
    for (int w : what) {
      s = s * 31 + switch (w) {
        case 0 -> x * 7 + note(w, s);
        case 1 -> (x ^ s) * 3 + note(w, x);
        case 2 -> { count++; yield note(w, s) * 5 + x * s; }
        case 1000 -> { count += 2; yield note(w, x) * 9 + x * s; }
        default -> { count += 3; yield note(w, w) * 11 + x * s; }
      };
    }
    return s;
  }
  /** Cases of a switch, and its default, that were never seen: with operands below it, once, then often. */
  static void unseenCase(Trap t) {
    int[] seen = {0, 1, 1, 0, 0, 1, 0, 1}, late = {0, 2, 1, 1000, 0, 5, 1};
    for (int i = 0; i < HOT; i++) t.add(unseenCase(seen, i));
    int before = count;
    t.add(unseenCase(late, 3));
    t.same(1 + 2 + 3 + 2 + 1000 + 5 + 1 + 1, count - before);
    for (int i = 0; i < HOT; i++) t.add(unseenCase(late, i));
    t.same((HOT + 1) * 1015, count - before);
    for (int i = 0; i < HOT; i++) t.add(unseenCase(seen, i));
  }

  static int unseenWord(String[] words, Object lock) {
    int s = 1;
    for (String word : words) {
      synchronized (lock) {
        switch (word) {
          case "Aa": s = s * 3 + note(1, s); break;
          case "BB": s = s * 5 + note(2, s); break;  // of the same hash code
          case "C": s = s * 7 + note(3, s); count += 7; break;
          default: throw new IllegalStateException(word + s);
        }
      }
    }
    return s;
  }
  /** The same of a switch on strings, with a monitor held, in a method that throws then. */
  static void unseenWord(Trap t) {
    String[] seen = {"Aa", "BB", "BB", "Aa", "Aa", "Aa", "BB", "Aa"};
    Object lock = new Object();
    for (int i = 0; i < HOT; i++) t.add(unseenWord(seen, lock));
    t.thrown(IllegalStateException.class, () -> unseenWord(new String[] {"Aa", "D"}, lock));
    t.same(false, Thread.holdsLock(lock));
    t.add(unseenWord(new String[] {"Aa", "C", "BB"}, lock));
    for (int i = 0; i < HOT; i++) t.add(unseenWord(i % 3 == 0 ? seen : new String[] {"C", "C", "BB"}, lock));
    t.same(false, Thread.holdsLock(lock));
  }

  static int nullArrives(int[] a, String s) { return a.length + s.length(); }
  /** The first null arrives in compiled code. */
  static void nullArrives(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 1, nullArrives(new int[i], "x"));
    t.thrown(NullPointerException.class, () -> nullArrives(null, "x"));
    t.thrown(NullPointerException.class, () -> nullArrives(new int[1], null));
    for (int i = 0; i < 3 * HOT; i++) t.thrown(NullPointerException.class, () -> nullArrives(null, "x"));
  }

  static int neverNull(Object o) { if (o == null) { count++; return -1; } return o.hashCode(); }
  /** A null check of the program that never saw null. */
  static void neverNull(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, neverNull(i));
    t.same(-1, neverNull((Object) null));
    for (int i = 0; i < HOT; i++) t.add(neverNull(i % 2 == 0 ? null : i));
  }

  static int alwaysNull(Object o) { if (o != null) return o.hashCode(); return 7; }
  /** A reference that was always null is not. */
  static void alwaysNull(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(7, alwaysNull((Object) null));
    t.same(5, alwaysNull(5));
    for (int i = 0; i < HOT; i++) t.add(alwaysNull(i % 2 == 0 ? null : i));
  }

  static int unloadedField(int x, boolean now) { return now ? Late.value + x : x; }
  /** A static field of a class that was not loaded. */
  static void unloadedField(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, unloadedField(i, false));
    t.same(8, unloadedField(5, true));
    for (int i = 0; i < HOT; i++) t.same(3 + i, unloadedField(i, true));
  }

  static int unloadedNew(boolean now) { return now ? new Late2().f : 1; }
  /** An object of a class that was not loaded. */
  static void unloadedNew(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1, unloadedNew(false));
    t.same(4, unloadedNew(true));
    for (int i = 0; i < HOT; i++) t.same(4, unloadedNew(true));
  }

  static int unloadedTest(Object o, boolean make) { if (make) o = new Late3(); return o instanceof Late3 ? 1 : 0; }
  /** instanceof of a class that was not loaded is false; then it is loaded. */
  static void unloadedTest(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0, unloadedTest("x", false));
    t.same(0, unloadedTest(null, false));
    t.same(1, unloadedTest(null, true));
    for (int i = 0; i < HOT; i++) t.same(i % 2, unloadedTest(i, i % 2 == 1));
  }

  static int stackOnTrap(int a, int[] b, int i, int c) { return a * 3 + (c - (b[i] * 5 + note(a, b[i + 1] ^ (c << 2) + b[i + 2]))); }
  static int note(int a, int b) { count += a; return b; }
  /** A trap with a deep operand stack: what was computed is not computed again. */
  static void stackOnTrap(Trap t) {
    int[] b = {1, 2, 3, 4};
    for (int i = 0; i < HOT; i++) t.add(stackOnTrap(1, b, i % 2, i));
    int before = count;
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> stackOnTrap(1, b, 2, 5));
    t.same(0, count - before);
    t.add(stackOnTrap(1, b, 1, 5));
    t.same(1, count - before);
  }

  static int oftenFails(Object o) { try { return ((String) o).length(); } catch (ClassCastException e) { return -1; } }
  /** A cast fails so often that the code must not be thrown away each time. */
  static void oftenFails(Trap t) {
    for (int i = 0; i < 4 * HOT; i++) t.same(i % 2 == 0 ? 1 : -1, oftenFails(i % 2 == 0 ? "x" : (Object) i));
  }

  static int oftenDivides(int a, int b) { try { return a / b; } catch (ArithmeticException e) { return -1; } }
  /** Division by zero in every second call. */
  static void oftenDivides(Trap t) {
    for (int i = 0; i < 4 * HOT; i++) t.same(i % 2 == 0 ? -1 : i, oftenDivides(i, i % 2));
  }

  static int oftenBounds(int[] a, int i) { try { return a[i]; } catch (ArrayIndexOutOfBoundsException e) { return -1; } }
  /** An index out of bounds in every second call. */
  static void oftenBounds(Trap t) {
    int[] a = {7};
    for (int i = 0; i < 4 * HOT; i++) t.same(i % 2 == 0 ? 7 : -1, oftenBounds(a, i % 2));
  }

  static int oftenStores(Object[] a, Object v) { try { a[0] = v; return 1; } catch (ArrayStoreException e) { return 0; } }
  /** A store that fails in every second call. */
  static void oftenStores(Trap t) {
    Object[] a = new String[1];
    for (int i = 0; i < 4 * HOT; i++) t.same(i % 2, oftenStores(a, i % 2 == 0 ? (Object) i : "x"));
  }

  static int oftenNegative(int n) { try { return new int[n].length; } catch (NegativeArraySizeException e) { return -n; } }
  /** A negative length in every second call. */
  static void oftenNegative(Trap t) {
    for (int i = 0; i < 4 * HOT; i++) t.same(i, oftenNegative(i % 2 == 0 ? i : -i));
  }

  static int severalTraps(Object o, int[] a, int i, int d) { int s = 0; s += ((Integer) o); s += a[i]; s += 100 / d; return s; }
  /** One method has traps for several reasons, sprung in turn, until all have been. */
  static void severalTraps(Trap t) {
    int[] a = {1, 2};
    for (int turn = 0; turn < 3; turn++) {
      for (int i = 0; i < HOT; i++) t.same(i + 1 + 100, severalTraps(i, a, 0, 1));
      t.thrown(ClassCastException.class, () -> severalTraps("x", a, 0, 1));
      t.thrown(NullPointerException.class, () -> severalTraps(null, a, 0, 1));
      t.thrown(ArrayIndexOutOfBoundsException.class, () -> severalTraps(1, a, 2, 1));
      t.thrown(NullPointerException.class, () -> severalTraps(1, null, 2, 1));
      t.thrown(ArithmeticException.class, () -> severalTraps(1, a, 1, 0));
    }
  }

  static int untakenSwitch(int k) { switch (k) { case 1: return 10; case 2: return 20; case 3: count++; return 30; case 1000: return 40; default: return 50; } }
  /** Cases of a switch that were never chosen. */
  static void untakenSwitch(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 20 : 10, untakenSwitch(i % 2 == 0 ? 2 : 1));
    t.same(30, untakenSwitch(3));
    t.same(40, untakenSwitch(1000));
    t.same(50, untakenSwitch(-1));
    for (int i = 0; i < HOT; i++) t.add(untakenSwitch(i % 5));
  }

  static int loopExitNeverTaken(int[] a, int stop) { int i = 0, s = 0; while (i < a.length) { if (a[i] == stop) { s += 1000; break; } s += a[i++]; } return s * 100 + i; }
  /** An exit of a loop that was never taken. */
  static void loopExitNeverTaken(Trap t) {
    int[] a = {1, 2, 3, 4, 5};
    for (int i = 0; i < HOT; i++) t.same(1505, loopExitNeverTaken(a, -1));
    t.same(100302, loopExitNeverTaken(a, 3));
    t.same(100000, loopExitNeverTaken(a, 1));
  }

  static long liveValues(int a, long b, float c, double d, Object e, int[] f, byte g, char h, int i) {
    long x = a * 3L + b; double y = c * d; Object o = e == null ? f : e; int z = g * h;
    int w = f[i];
    return x * 31 + (long) y * 17 + z * 7 + w + (o == f ? 1000 : 0);
  }
  /** A trap with values of every kind live, some only in the frame state. */
  static void liveValues(Trap t) {
    int[] f = {1, 2, 3};
    for (int i = 0; i < HOT; i++) t.add(liveValues(i, i * 10000000000L, i * 0.5f, i * 0.25, i % 2 == 0 ? null : "e", f, (byte) i, (char) i, i % 3));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> liveValues(1, 2, 3, 4, null, f, (byte) -5, 'x', 3));
    t.same((3 + 2L) * 31 + 12 * 17 + -5 * 'x' * 7 + 2 + 1000, liveValues(1, 2, 3, 4, null, f, (byte) -5, 'x', 1));
  }

  static boolean shortCircuit(Object o, int[] a) { return o != null && o.hashCode() > 5 && a[0] > 3 || a.length > 3 && a[3] == 9; }
  /** Conditions behind && and || that were never evaluated. */
  static void shortCircuit(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(false, shortCircuit(null, new int[2]));
    t.same(true, shortCircuit(6, new int[] {4}));
    t.same(true, shortCircuit(5, new int[] {0, 0, 0, 9}));
    t.same(false, shortCircuit(6, new int[] {0, 0, 0, 1}));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> shortCircuit(6, new int[0]));
  }
}
