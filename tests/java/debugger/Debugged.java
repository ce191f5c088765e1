package debugger;

/**
 * A program and its debugger in one: each kernel runs until it is compiled, then is looked at. What is seen must be what is
 * seen in the interpreter. Kernels are the methods that take an int; everything else is left to the interpreter.
 */
final class Debugged {
  static final int HOT = 600;

  static native void exceptions(boolean on);
  static native void steps(boolean on);
  static native void breakpoint(String method, boolean set);
  static native int breaks();
  static native int local(int slot);
  static native String seen();

  static final RuntimeException KEPT = new IllegalStateException("kept");
  static final int[] NUMBERS = {1, 2, 3};
  static volatile boolean go = true;
  static int written;

  static int thrown(int k) { try { if (k % 3 == 0) throw KEPT; return k; } catch (IllegalStateException e) { return -1; } }
  static int thrower(int k) { if (k % 3 == 0) throw KEPT; return k; }
  static int thrownInCallee(int k) { try { return thrower(k) + 1; } catch (IllegalStateException e) { return -1; } finally { written += k; } }
  static int dropped(int k) { try { return NUMBERS[k % 4]; } catch (ArrayIndexOutOfBoundsException e) { return 7 / (k % 4); } }
  static int stepped(int k) { int s = k; for (int i = 0; i < 3; i++) s = s * 31 + thrower(i * 3 + 1); return s; }
  static int broken(int k) { return k * 3 + 1; }
  static int callsBroken(int k) { int s = 0; do { for (int i = 0; i < 10; i++) s += broken(i); } while (!go && breaks() == 0); return s + k; }
  static int dead(int k) { int a = k * 3; int r = a + 1; return r * 1000 + local(1); }

  interface Kernel { int go(int k); }

  static void show(String what, Kernel kernel) {
    for (int i = 0; i < HOT; i++) kernel.go(i);
    written = 0;
    exceptions(true);
    StringBuilder results = new StringBuilder();
    for (int i = 0; i < 9; i++) results.append(' ').append(kernel.go(i));
    exceptions(false);
    System.out.println(what + ":" + results + ", " + written + "\n" + seen());
  }

  public static void main(String[] arguments) throws InterruptedException {
    show("thrown", Debugged::thrown);
    show("thrownInCallee", Debugged::thrownInCallee);
    show("dropped", Debugged::dropped);

    for (int i = 0; i < HOT; i++) stepped(i);
    steps(true);
    int s = stepped(5);
    steps(false);
    System.out.println("stepped: " + s + "\n" + seen());

    for (int i = 0; i < HOT; i++) callsBroken(i);
    go = false;
    Thread runs = new Thread(() -> System.out.println("callsBroken: " + (callsBroken(1) > 0)));
    runs.start();
    breakpoint("broken", true);
    runs.join();
    breakpoint("broken", false);
    System.out.println("breakpoint in code that runs: " + (breaks() > 0));

    for (int i = 0; i < HOT; i++) dead(i);
    System.out.println("dead local: " + dead(11));
  }

  static { System.load(System.getProperty("debugger.agent")); }
}
