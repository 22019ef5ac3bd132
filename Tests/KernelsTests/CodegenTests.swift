import Foundation
import Kernels
import Testing

/// What the compiler made of the hot loops, read back from this very test binary.
@Suite("Generated code")
struct CodegenTests {
  #if arch(x86_64)
    static let vector = VectorUnit.lanes == 16 ? "%zmm" : "%ymm"
    /// The tiles that do nearly all the work, by rows and vectors across.
    static let tiles = VectorUnit.registers == 32 ? [(6, 4), (4, 4), (6, 2)] : [(6, 2), (4, 2)]
  #else
    static let vector = ""
    static let tiles: [(Int, Int)] = []
  #endif

  @Test(
    "The tile's loop is fused multiply-adds on full vectors, without spills or calls",
    .enabled(if: Disassembly.isAvailable), arguments: tiles)
  func tile(rows: Int, columns: Int) throws {
    let code = try Disassembly(of: "GemmTilesO7tile\(rows)x\(columns)")
    let loop = try #require(code.innermostLoop(containing: "vfmadd"), "no loop in \(code.symbol)")
    let fused = loop.filter { $0.text.hasPrefix("vfmadd") && $0.text.contains("ps") }
    #expect(fused.count == rows * columns)
    #expect(fused.allSatisfy { $0.text.contains(Self.vector) })
    #expect(!loop.contains { $0.isCall })
    #expect(!loop.contains { $0.isSpill }, "a vector goes through the stack in \(code.symbol)")
    // Loads of the panel, a broadcast a row, fetching ahead and the loop's own count; no more.
    #expect(loop.count <= rows * columns + rows + columns + 7)
  }

  @Test(
    "Nothing in the hot functions calls the runtime or a scalar fma",
    .enabled(if: Disassembly.isAvailable),
    arguments: tiles.map { "GemmTilesO7tile\($0.0)x\($0.1)" } + [
      "WinogradTilesV16transformInputs4", "WinogradTilesV17transformOutputs4",
      "peakAccumulate",
    ])
  func calls(symbol: String) throws {
    let code = try Disassembly(of: symbol)
    let calls = code.instructions.filter { $0.isCall && !$0.text.contains("__stack_chk_fail") }
    #expect(calls.map(\.text) == [])
    #expect(
      code.instructions.contains { $0.text.contains("vfmadd") && $0.text.contains(Self.vector) })
  }
}

/// The machine code of one function of the running test binary, by `nm` and `objdump`.
private struct Disassembly {
  struct Instruction {
    var address: Int
    var text: String

    var isCall: Bool { text.hasPrefix("call") }
    /// Whether a vector register is stored to or loaded from the stack.
    var isSpill: Bool {
      text.contains("mm") && (text.contains("(%rsp") || text.contains("(%rbp"))
    }
    /// Where a jump goes.
    var target: Int? {
      let words = text.split(separator: " ")
      guard let first = words.first, first.hasPrefix("j"), words.count > 1 else { return nil }
      return Int(words[1], radix: 16)
    }
  }

  struct Missing: Error { var symbol: String }

  let symbol: String
  let instructions: [Instruction]

  static var isAvailable: Bool {
    #if arch(x86_64)
      ["/usr/bin/nm", "/usr/bin/objdump"].allSatisfy(FileManager.default.isExecutableFile)
    #else
      false
    #endif
  }

  /// Finds the first function whose mangled name contains `part` and takes it apart.
  init(of part: String) throws {
    let binary = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let names = try Self.output("/usr/bin/nm", [binary]).split(separator: "\n")
    let found = names.first { line in
      let words = line.split(separator: " ")
      return words.count == 3 && words[1].lowercased() == "t" && words[2].contains(part)
    }
    guard let symbol = found?.split(separator: " ").last.map(String.init) else {
      throw Missing(symbol: part)
    }
    let listing = try Self.output(
      "/usr/bin/objdump", ["-d", "--no-show-raw-insn", "--disassemble=\(symbol)", binary])
    self.symbol = symbol
    instructions = listing.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, line.hasPrefix(" "),
        let address = Int(parts[0].trimmingCharacters(in: .whitespaces), radix: 16)
      else { return nil }
      return Instruction(
        address: address, text: parts[1].trimmingCharacters(in: .whitespaces))
    }
  }

  /// The shortest loop, a backward jump and what it jumps over, that contains an instruction.
  func innermostLoop(containing name: String) -> [Instruction]? {
    let loops = instructions.compactMap { jump -> [Instruction]? in
      guard let target = jump.target, target <= jump.address else { return nil }
      let body = instructions.filter { $0.address >= target && $0.address <= jump.address }
      return body.contains { $0.text.hasPrefix(name) } ? body : nil
    }
    return loops.min { $0.count < $1.count }
  }

  private static func output(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
