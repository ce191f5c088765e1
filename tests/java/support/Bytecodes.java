package support;

/** Which number has an instruction, and what does it do to the height of the stack? Those that the tests' own classes use. */
public final class Bytecodes {
  public static final int ACC_PUBLIC = 1, ACC_PRIVATE = 2, ACC_STATIC = 8, ACC_FINAL = 0x10, ACC_SUPER = 0x20, ACC_INTERFACE = 0x200, ACC_ABSTRACT = 0x400;
  public static final int NOP = 0, ACONST_NULL = 1, ICONST_0 = 3, ICONST_1 = 4, ICONST_3 = 6, DCONST_1 = 15, BIPUSH = 16, SIPUSH = 17;
  public static final int LDC = 18, LDC_W = 19, LDC2_W = 20;
  public static final int ILOAD = 21, LLOAD = 22, FLOAD = 23, DLOAD = 24, ALOAD = 25, IALOAD = 46;
  public static final int ISTORE = 54, LSTORE = 55, FSTORE = 56, DSTORE = 57, ASTORE = 58;
  public static final int POP = 87, POP2 = 88, DUP = 89, DUP_X1 = 90, DUP_X2 = 91, DUP2 = 92, DUP2_X1 = 93, DUP2_X2 = 94, SWAP = 95;
  public static final int IADD = 96, LADD = 97, FADD = 98, DADD = 99, ISUB = 100, LSUB = 101, FSUB = 102, DSUB = 103;
  public static final int IMUL = 104, LMUL = 105, FMUL = 106, DMUL = 107, IDIV = 108, INEG = 116;
  public static final int IAND = 126, LAND = 127, IOR = 128, LOR = 129, IXOR = 130, LXOR = 131, IINC = 132;
  public static final int I2L = 133, I2F = 134, I2D = 135, L2I = 136, L2F = 137, L2D = 138, D2I = 142, D2L = 143;
  public static final int IFEQ = 153, IFNE = 154, IFLT = 155, IFGE = 156, IFGT = 157, IFLE = 158, GOTO = 167, JSR = 168, RET = 169;
  public static final int IRETURN = 172, LRETURN = 173, FRETURN = 174, DRETURN = 175, ARETURN = 176, RETURN = 177;
  public static final int INVOKESPECIAL = 183, INVOKESTATIC = 184, INVOKEINTERFACE = 185, INVOKEDYNAMIC = 186;
  public static final int ATHROW = 191, MONITORENTER = 194, MONITOREXIT = 195, WIDE = 196;

  private Bytecodes() {}

  /** Slots that the instruction adds to the stack; those whose operands tell it (ldc, calls) are not asked for. */
  static int growth(int opcode) {
    switch (opcode) {
      case DUP2: case DUP2_X1: case DUP2_X2: case DCONST_1: case LLOAD: case DLOAD:
        return 2;
      case ACONST_NULL: case ICONST_0: case ICONST_1: case ICONST_3: case BIPUSH: case SIPUSH: case ILOAD: case FLOAD: case ALOAD:
      case DUP: case DUP_X1: case DUP_X2: case I2L: case I2D: case JSR:
        return 1;
      case NOP: case SWAP: case INEG: case IINC: case I2F: case L2D: case D2L: case GOTO: case RET: case RETURN:
        return 0;
      case IALOAD: case ISTORE: case FSTORE: case ASTORE: case POP: case IADD: case FADD: case ISUB: case FSUB: case IMUL: case FMUL:
      case IDIV: case IAND: case IOR: case IXOR: case L2I: case L2F: case D2I: case IFEQ: case IFNE: case IFLT: case IFGE: case IFGT:
      case IFLE: case IRETURN: case FRETURN: case ARETURN: case ATHROW: case MONITORENTER: case MONITOREXIT:
        return -1;
      case LSTORE: case DSTORE: case POP2: case LADD: case DADD: case LSUB: case DSUB: case LMUL: case DMUL: case LAND: case LOR:
      case LXOR: case LRETURN: case DRETURN:
        return -2;
      default:
        throw new IllegalArgumentException("instruction " + opcode);
    }
  }

  /** Nothing runs behind it. */
  static boolean ends(int opcode) { return opcode == GOTO || opcode == RET || opcode >= IRETURN && opcode <= RETURN || opcode == ATHROW; }

  /** The form of iload .. or ireturn .. for a type of this descriptor. */
  public static int of(int opcode, String descriptor) {
    switch (descriptor.charAt(0)) {
      case 'J': return opcode + 1;
      case 'F': return opcode + 2;
      case 'D': return opcode + 3;
      case 'L': case '[': return opcode + 4;
      default: return opcode;
    }
  }
  static int size(String descriptor) { return "JD".indexOf(descriptor.charAt(0)) >= 0 ? 2 : descriptor.charAt(0) == 'V' ? 0 : 1; }
}
