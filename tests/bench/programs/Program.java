/** One benchmark program. */
interface Program {
  /** One iteration, some milliseconds long. The checksum is the same every time, whoever compiled the code. */
  long run();
}
