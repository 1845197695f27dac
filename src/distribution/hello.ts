/** The smallest program for Linux that says something: an ELF file of one segment, without a library or a compiler. */

/** Where the segment lies in memory; the usual place of a static program. */
const base = 0x400000n;
const headers = 64 + 56;

/** ELF's number of the machine, and the code that writes the text behind it and ends with status 0. */
const machines = {
  amd64: { id: 0x3e, code: amd64 },
  arm64: { id: 0xb7, code: arm64 },
} as const;

export type HelloArchitecture = keyof typeof machines;

/**
 * A static executable that writes `text` (at most 65,535 bytes) to its standard output.
 * Source: System V ABI, "Object Files"; Linux's system call tables.
 */
export function helloProgram(architecture: HelloArchitecture, text: string): Uint8Array {
  const message = Buffer.from(text);
  if (message.byteLength > 0xffff) throw new RangeError("The text is too long");
  const { id, code } = machines[architecture];
  const body = code(message.byteLength);
  const size = headers + body.byteLength + message.byteLength;
  const file = Buffer.alloc(size);
  // ELF header: 64 bits, little-endian, version 1; an executable.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(id, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(base + BigInt(headers), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  // Program header: load the whole file, readable and executable.
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(base, 64 + 16);
  file.writeBigUInt64LE(base, 64 + 24);
  file.writeBigUInt64LE(BigInt(size), 64 + 32);
  file.writeBigUInt64LE(BigInt(size), 64 + 40);
  file.writeBigUInt64LE(0x1000n, 64 + 48);
  file.set(body, headers);
  file.set(message, headers + body.byteLength);
  return file;
}

function amd64(length: number): Uint8Array {
  const code = Buffer.from(
    "b801000000" + // mov eax, 1 (write)
      "bf01000000" + // mov edi, 1
      "488d3510000000" + // lea rsi, [rip + 16]: what follows the code
      "ba00000000" + // mov edx, length
      "0f05" + // syscall
      "b83c000000" + // mov eax, 60 (exit)
      "31ff" + // xor edi, edi
      "0f05", // syscall
    "hex",
  );
  code.writeUInt32LE(length, 18);
  return code;
}

function arm64(length: number): Uint8Array {
  const instructions = [
    0xd2800020, // mov x0, 1
    0x100000e1, // adr x1, 28: what follows the code
    0xd2800002 | (length << 5), // mov x2, length
    0xd2800808, // mov x8, 64 (write)
    0xd4000001, // svc 0
    0xd2800000, // mov x0, 0
    0xd2800ba8, // mov x8, 93 (exit)
    0xd4000001, // svc 0
  ];
  const code = Buffer.alloc(instructions.length * 4);
  instructions.forEach((instruction, index) => code.writeUInt32LE(instruction >>> 0, index * 4));
  return code;
}
