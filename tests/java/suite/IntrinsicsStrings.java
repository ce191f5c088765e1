package suite;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** Comparisons and searches of strings of both encodings, of all short lengths, and with ranges that no caller of the library has. */
final class IntrinsicsStrings implements Suite.Case {
  static int order(String a, String b) { return a.compareTo(b); }
  static int find(String a, int c, int from) { return a.indexOf(c, from); }
  static int find(String a, String b) { return a.indexOf(b); }
  static int find(String a, String b, int from) { return a.indexOf(b, from); }
  static int find(StringBuilder a, String b, int from) { return a.indexOf(b, from); }
  static boolean has(String a, CharSequence b) { return a.contains(b); }
  static int count(String a, char c) { int n = 0; for (int i = a.indexOf(c); i >= 0; i = a.indexOf(c, i + 1)) n++; return n; }
  static String replaced(String a, String b, String c) { return a.replace(b, c); }
  static boolean same(String a, String b) { return a.equals(b) && a.compareTo(b) == 0; }
  /** The accessor that the library generates calls the method as code would. */
  static Object called(Method m, Object[] arguments) throws Throwable {
    try { return m.invoke(null, arguments); } catch (InvocationTargetException e) { throw e.getCause(); }
  }

  private static final String LATIN = "\u00e9aZ0", WIDE = "\u20ac\uffffA\u0141";

  /** Of few characters, so that searches go far: the same begins again after `period`. */
  private static String text(int n, int period, String letters) {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < n; i++) s.append(letters.charAt((i % period) * 7 % letters.length()));
    return s.toString();
  }

  @Override
  public void run(Suite.Out out) throws Throwable {
    for (String letters : new String[] {LATIN, WIDE, LATIN + WIDE}) {
      for (int n = 0; n <= 200; n = n < 76 ? n + 1 : n + 31) lengths(out, n, letters);
      Suite.deoptimizeAll();
    }
    unchecked(out, "java.lang.StringLatin1", 1);
    unchecked(out, "java.lang.StringUTF16", 2);
  }

  private void lengths(Suite.Out out, int n, String letters) {
    String a = text(n, 3, letters), b = text(n, 3, letters), other = text(n, 5, letters);
    out.add(same(a, b));
    out.add(order(a, other));
    out.add(order(a, a + "x"));
    out.add(order(a + "x", a));
    out.add(order(a, LATIN));
    out.add(order(WIDE, a));
    Suite.disturb(n);
    for (int k = 0; k < n; k += k < 40 ? 1 : 13) {
      char[] changed = a.toCharArray();
      changed[k] = 'x';
      String c = new String(changed);
      out.add(order(a, c));
      out.add(order(c, a));
      changed[k] ^= 0x80;
      out.add(order(new String(changed), c));
      for (int from : new int[] {-1, 0, 1, k - 1, k, k + 1, n, n + 5}) out.add(find(c, 'x', from));
      out.add(find(c, 'x' + 0x100, 0));
      out.add(find(c, 'x' + 0x10000, 0));
      int end = Math.min(n, k + 1 + n % 5);
      for (String part : new String[] {c.substring(k), c.substring(k / 2, end), "x" + LATIN, c.substring(k) + "y"}) {
        out.add(find(c, part));
        out.add(find(c, part, k / 3));
        out.add(find(c, part, k + 1));
        out.add(has(a, part));
      }
      out.add(find(new StringBuilder(c), c.substring(k / 2, end), k / 4));
    }
    for (int k = 0; k < letters.length(); k++) out.add(count(a, letters.charAt(k)));
    out.add(find(a, ""));
    out.add(find(a, "", 3));
    // The beginning is everywhere, the end nowhere or late.
    String same = "a".repeat(n);
    out.add(find(same, "a".repeat(n / 2) + "b"));
    out.add(find(same + "b", "a".repeat(n / 2) + "b"));
    out.add(find(same + "ba" + same, "aba"));
    out.add(find("ab".repeat(n / 2) + "c", "abab".repeat(n / 8) + "c"));
    out.add(replaced(a, letters.substring(0, 1), "-+"));
  }

  private void unchecked(Suite.Out out, String owner, int size) throws Exception {
    Class<?> c = Class.forName(owner);
    Method compare = method(c, "compareTo", byte[].class, byte[].class);
    Method character = method(c, "indexOfChar", byte[].class, int.class, int.class, int.class);
    Method short_ = method(c, "indexOf", byte[].class, byte[].class);
    Method long_ = method(c, "indexOf", byte[].class, int.class, byte[].class, int.class, int.class);
    byte[] none = {};
    for (int n : new int[] {0, 1, 2, 3, 7, 8, 9, 33, 64, 71}) {
      byte[] a = new byte[n];
      for (int i = 0; i < n; i++) a[i] = (byte) (i * 3);
      attempt(out, compare, a, a.clone());
      attempt(out, compare, a, java.util.Arrays.copyOf(a, n + 1));
      attempt(out, compare, a, null);
      attempt(out, compare, none, a);
      for (int from = -1; from <= n / size + 1; from += from < 9 ? 1 : 11)
        for (int to : new int[] {Integer.MIN_VALUE, -1, 0, from, n / size - 1, n / size, n / size + 1, Integer.MAX_VALUE}) {
          attempt(out, character, a, 6 + 9 * 256 * (size - 1), from, to);
          attempt(out, character, a, -250, from, to);
        }
      attempt(out, character, null, 5, 0, 0);
      attempt(out, short_, a, none);
      attempt(out, short_, none, a);
      attempt(out, short_, a, null);
      attempt(out, short_, a, a);
      byte[] wanted = java.util.Arrays.copyOfRange(a, n / 4 * 2, n);
      for (int from : new int[] {-1, 0, 1, n / size / 2, n / size, n / size + 1, Integer.MAX_VALUE})
        for (int length : new int[] {-1, 0, n / size - 1, n / size, n / size + 1}) {
          attempt(out, long_, a, length, wanted, wanted.length / size, from);
          // Whoever asks StringUTF16 so checked the rest.
          if (size == 1) for (int count : new int[] {-1, 0, 1, wanted.length - 1, wanted.length + 1}) attempt(out, long_, a, length, wanted, count, from);
        }
      Suite.disturb(n);
    }
  }

  private static Method method(Class<?> c, String name, Class<?>... types) throws Exception {
    Method m = c.getDeclaredMethod(name, types);
    m.setAccessible(true);
    return m;
  }

  private void attempt(Suite.Out out, Method m, Object... arguments) {
    try { out.add((long) (Integer) called(m, arguments)); } catch (Throwable t) { out.add(t.getClass().getName() + t.getMessage()); }
  }

  @Override
  public int rounds() { return Math.min(12, Suite.Case.super.rounds()); }
}
