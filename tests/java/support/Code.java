package support;

import static support.Bytecodes.*;

import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is in a method of a class file? Instructions in their order; heights of stack and locals are found as they come. */
public final class Code {
  /** A place in the code, before or after it is known. */
  public static final class Label {
    private int at = -1, height = -1;
  }
  private record Jump(int from, Label to) {}
  private record Range(Label start, Label end, Label handler, int type) {}

  private final ClassFile file;
  private final int access, name, descriptor, attribute;
  private byte[] bytes = new byte[64];
  private int length, height, highest, locals;
  private boolean reached = true;
  private final List<Jump> jumps = new ArrayList<>();
  private final List<Range> ranges = new ArrayList<>();

  Code(ClassFile file, int access, int name, int descriptor, String signature) {
    this.file = file;
    this.access = access;
    this.name = name;
    this.descriptor = descriptor;
    attribute = file.utf8("Code");
    locals = arguments(signature) + ((access & ACC_STATIC) == 0 ? 1 : 0);
  }

  /** Slots of the arguments. */
  private static int arguments(String signature) {
    int n = 0;
    for (Class<?> c : typeOf(signature).parameterArray()) n += size(c.descriptorString());
    return n;
  }
  private static MethodType typeOf(String signature) { return MethodType.fromMethodDescriptorString(signature, Code.class.getClassLoader()); }

  private void u1(int value) {
    if (length == bytes.length) bytes = Arrays.copyOf(bytes, 2 * length);
    bytes[length++] = (byte) value;
  }
  private void u2(int value) { u1(value >> 8); u1(value); }
  private void grow(int slots) {
    height += slots;
    highest = Math.max(highest, height);
  }
  private void done(int opcode) {
    grow(growth(opcode));
    if (ends(opcode)) reached = false;
    if (!reached) height = 0;
  }

  /** An instruction without operands. */
  public void op(int opcode) { u1(opcode); done(opcode); }

  /** bipush or sipush. */
  public void op(int opcode, int value) {
    u1(opcode);
    if (opcode == SIPUSH) u2(value); else u1(value);
    done(opcode);
  }

  /** A load or store of a local variable, or ret: in the shortest form. */
  public void local(int opcode, int index) {
    if (index < 4 && opcode != RET) {
      // iload_0 is 26, istore_0 is 59: four of each type.
      u1(index + (opcode >= ISTORE ? 59 + 4 * (opcode - ISTORE) : 26 + 4 * (opcode - ILOAD)));
    } else if (index < 256) {
      u1(opcode);
      u1(index);
    } else {
      u1(WIDE);
      u1(opcode);
      u2(index);
    }
    boolean wide = opcode == LLOAD || opcode == DLOAD || opcode == LSTORE || opcode == DSTORE;
    locals = Math.max(locals, index + (wide ? 2 : 1));
    done(opcode);
  }

  /** iinc of one of the first 256 locals by a byte, in the wide form otherwise. */
  public void increment(int index, int by) {
    boolean wide = index > 255 || by != (byte) by;
    if (wide) u1(WIDE);
    u1(IINC);
    if (wide) { u2(index); u2(by); } else { u1(index); u1(by); }
    locals = Math.max(locals, index + 1);
  }

  /** A branch, goto or jsr. */
  public void jump(int opcode, Label to) {
    jumps.add(new Jump(length, to));
    u1(opcode);
    u2(0);
    grow(growth(opcode));
    to.height = height;
    if (opcode == JSR) height--;  // the subroutine takes the address away
    if (ends(opcode)) { reached = false; height = 0; }
  }

  /** The label is here. */
  public void at(Label label) {
    label.at = length;
    if (reached) return;
    reached = label.height >= 0;
    grow(Math.max(0, label.height));
  }

  /** Exceptions of the class between start and end are handled. */
  public void handle(Label start, Label end, Label handler, String type) {
    handler.height = 1;
    ranges.add(new Range(start, end, handler, file.type(type)));
  }

  /** ldc in its three forms: a Long, a Double or a constant of ClassFile. */
  public void constant(Object value) {
    int index = file.constant(value), slots = ClassFile.slots(value);
    if (slots == 1 && index < 256) {
      u1(LDC);
      u1(index);
    } else {
      u1(slots == 2 ? LDC2_W : LDC_W);
      u2(index);
    }
    grow(slots);
  }

  /** A call of a method. */
  public void call(int opcode, String owner, String name, String signature, boolean ofInterface) {
    u1(opcode);
    u2(file.member(owner, name, signature, ofInterface));
    int slots = arguments(signature) + (opcode == INVOKESTATIC ? 0 : 1);
    if (opcode == INVOKEINTERFACE) { u1(slots); u1(0); }
    grow(-slots);
    grow(size(typeOf(signature).returnType().descriptorString()));
  }

  /** invokedynamic. */
  public void dynamic(String name, String signature, ClassFile.Handle bootstrap) {
    u1(INVOKEDYNAMIC);
    u2(file.callSite(name, signature, bootstrap));
    u2(0);
    grow(-arguments(signature));
    grow(size(typeOf(signature).returnType().descriptorString()));
  }

  void write(DataOutputStream out) throws IOException {
    for (Jump j : jumps) {
      int offset = j.to.at - j.from;
      if (j.to.at < 0 || offset != (short) offset) throw new IllegalStateException("a jump to " + j.to.at);
      bytes[j.from + 1] = (byte) (offset >> 8);
      bytes[j.from + 2] = (byte) offset;
    }
    out.writeShort(access);
    out.writeShort(name);
    out.writeShort(descriptor);
    out.writeShort(1);
    out.writeShort(attribute);
    out.writeInt(12 + length + 8 * ranges.size());
    out.writeShort(highest);
    out.writeShort(locals);
    out.writeInt(length);
    out.write(bytes, 0, length);
    out.writeShort(ranges.size());
    for (Range r : ranges) {
      out.writeShort(r.start.at);
      out.writeShort(r.end.at);
      out.writeShort(r.handler.at);
      out.writeShort(r.type);
    }
    out.writeShort(0);
  }
}
