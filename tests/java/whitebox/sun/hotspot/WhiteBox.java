package sun.hotspot;

/** The door that HotSpot opens to its own tests with -XX:+WhiteBoxAPI: a class of this name in the boot loader. */
public final class WhiteBox {
  private static native void registerNatives();

  /** Every compiled frame of every thread goes on in the interpreter; all compiled code is made not entrant. */
  public native void deoptimizeAll();

  /** The same, but the code is made not entrant only when asked. Returns how many frames there were. */
  public native int deoptimizeFrames(boolean makeNotEntrant);

  /** How many compilations of the level wait: 4 is that of the farm. */
  public native int getCompileQueueSize(int level);

  /** Of the method's compiled code: its blob, level, bytes, compile id and entry; null: it has none. */
  public native Object[] getNMethod0(java.lang.reflect.Executable method, boolean isOsr);

  static {
    registerNatives();
  }
}
