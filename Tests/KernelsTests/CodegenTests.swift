import Foundation
import Kernels
import Testing

/// What the compiler made of the hot loops, read back from the optimised program.
///
/// A debug build compiles file by file and so specialises nothing across files; there the tests
/// look at the release build beside it, and are skipped where there is none or it is stale.
@Suite("Generated code", .enabled(if: Disassembly.binary != nil))
struct CodegenTests {
  /// Whether the program was built for AVX-512, which may differ from this test's build.
  static let isWide = Disassembly.names.contains { $0.contains("GemmTilesO7tile6x4") }
  static let vector = isWide ? "%zmm" : "%ymm"
  /// The tiles that do nearly all the work, by rows and vectors across.
  static let tiles =
    isWide
    ? [("tile", 6, 4), ("tile", 4, 4), ("tile", 6, 2), ("outer", 6, 4), ("outer", 16, 1)]
    : [("tile", 6, 2), ("tile", 4, 2), ("outer", 4, 2), ("outer", 8, 1)]

  /// A part of the mangled name of a tile's function.
  static func symbol(_ name: String, _ rows: Int, _ columns: Int) -> String {
    let function = "\(name)\(rows)x\(columns)"
    return "\(name == "tile" ? "GemmTiles" : "OuterTiles")O\(function.utf8.count)\(function)"
  }

  @Test(
    "The tile's loop is fused multiply-adds on full vectors, without spills or calls",
    arguments: tiles)
  func tile(name: String, rows: Int, columns: Int) throws {
    let code = try Disassembly(of: Self.symbol(name, rows, columns))
    let loop = try #require(code.innermostLoop(containing: "vfmadd"), "no loop in \(code.symbol)")
    let fused = loop.filter { $0.text.hasPrefix("vfmadd") && $0.text.contains("ps") }
    #expect(fused.count == rows * columns)
    #expect(fused.allSatisfy { $0.text.contains(Self.vector) })
    #expect(!loop.contains { $0.isCall })
    #expect(!loop.contains { $0.isSpill }, "a vector goes through the stack in \(code.symbol)")
    // What a loop lies across decides about a tenth of its time.
    #expect(loop.first.map { $0.address % 64 } == 0, "the loop does not begin a cache line")
    // Loads of the panel, a broadcast a row, fetching ahead and the loop's own count; no more.
    #expect(loop.count <= rows * columns + rows + columns + 10)
  }

  @Test(
    "Nothing in the hot functions calls the runtime or a scalar fma",
    arguments: tiles.map(symbol) + [
      "WinogradTilesV16transformInputs4", "WinogradTilesV17transformOutputs4",
      "WinogradTilesV19transformGradients4", "WinogradTilesV14transformTaps4",
      "peakAccumulate",
    ])
  func calls(symbol: String) throws {
    let code = try Disassembly(of: symbol)
    let calls = code.instructions.filter { $0.isCall && !$0.text.contains("__stack_chk_fail") }
    #expect(calls.map(\.text) == [])
    #expect(
      code.instructions.contains { $0.text.contains("vfmadd") && $0.text.contains(Self.vector) })
  }

  #if COSTCURVE_VNNI
    @Test(
      "The tile of bytes is dot products on full vectors, without spills or calls",
      arguments: [(6, 4), (4, 4), (6, 2)])
    func byteTile(rows: Int, columns: Int) throws {
      let code = try Disassembly(of: "WordTilesO7tile\(rows)x\(columns)", "ExactDot")
      let loop = try #require(
        code.innermostLoop(containing: "vpdpbusd"), "no loop in \(code.symbol)")
      let dots = loop.filter { $0.text.hasPrefix("vpdpbusd") }
      #expect(dots.count == rows * columns)
      #expect(dots.allSatisfy { $0.text.contains(Self.vector) })
      #expect(!loop.contains { $0.isCall || $0.isSpill }, "\(code.symbol)")
      #expect(loop.first.map { $0.address % 64 } == 0, "the loop does not begin a cache line")
      // Loads of the panel, a broadcast a row, fetching ahead and the loop's own count; no more.
      #expect(loop.count <= rows * columns + rows + columns + 8)
      // What is done to the sums is unrolled too: a loop over them would keep all in memory.
      let spills = code.instructions.filter(\.isSpill)
      #expect(spills.count < rows * columns, "\(spills.map(\.text))")
      let calls = code.instructions.filter { $0.isCall && !$0.text.contains("__stack_chk_fail") }
      #expect(calls.map(\.text) == [])
    }

    @Test("The peak of bytes is nothing but dot products")
    func bytePeak() throws {
      let code = try Disassembly(of: "integerPeakAccumulate")
      let loop = try #require(code.innermostLoop(containing: "vpdpbusd"))
      let dots = loop.filter { $0.text.hasPrefix("vpdpbusd") && $0.text.contains(Self.vector) }
      #expect(dots.count >= 24 && dots.count + 4 >= loop.count, "\(loop.map(\.text))")
    }
  #endif

  #if (COSTCURVE_AVX512 && !COSTCURVE_VNNI) || (COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI)
    /// The tiles of bytes that do nearly all the work without VNNI, by rows and vectors across.
    static let byteTiles = isWide ? [(4, 4), (3, 4), (4, 2)] : [(4, 2), (3, 2)]

    @Test(
      "The tile of bytes in 16 bits widens no weights, and neither spills nor calls",
      arguments: byteTiles)
    func wideByteTile(rows: Int, columns: Int) throws {
      let code = try Disassembly(of: "WordTilesO7tile\(rows)x\(columns)", "ExactDot")
      let loop = try #require(
        code.innermostLoop(containing: "vpmaddwd"), "no loop in \(code.symbol)")
      func count(_ name: String) -> Int { loop.count { $0.text.hasPrefix(name) } }
      let products = loop.filter { $0.text.hasPrefix("vpmaddwd") }
      #expect(products.count == 2 * rows * columns)
      #expect(products.allSatisfy { $0.text.contains(Self.vector) })
      #expect(count("vpaddd") == 2 * rows * columns)
      // Activations are split once a row, and weights nowhere.
      #expect(count("vpsllw") == 0 && count("vpsraw") == 0 && count("vpsrlw") <= rows)
      #expect(!loop.contains { $0.isCall || $0.isSpill }, "\(code.symbol)")
      #expect(loop.first.map { $0.address % 64 } == 0, "the loop does not begin a cache line")
      // Loads of the panel, broadcasts and their halves, fetching ahead and the loop's own count.
      #expect(loop.count <= 4 * rows * columns + 2 * columns + 6 * rows + 10)
      let calls = code.instructions.filter { $0.isCall && !$0.text.contains("__stack_chk_fail") }
      #expect(calls.map(\.text) == [])
    }

    @Test(
      "The tile of pairs is three instructions a product, without spills or calls",
      arguments: byteTiles)
    func pairTile(rows: Int, columns: Int) throws {
      try check(
        "PairDot", rows: rows, columns: columns, product: ["vpmaddubsw", "vpmaddwd", "vpaddd"])
    }

    /// Holds the loop of a tile to the instructions of its products, on whole vectors, and to nothing
    /// in memory but the panel and the rows.
    ///
    /// - Returns: All of the tile's code.
    @discardableResult
    private func check(
      _ kernel: String, rows: Int, columns: Int, product: [String]
    ) throws -> Disassembly {
      let code = try Disassembly(of: "WordTilesO7tile\(rows)x\(columns)", kernel)
      let loop = try #require(
        code.innermostLoop(containing: product[0]), "no loop in \(code.symbol)")
      // The compiler may put two steps of a small tile into one turn of the loop.
      let perTurn = loop.count { $0.text.hasPrefix(product[0]) } / (rows * columns)
      #expect(perTurn >= 1)
      for name in product {
        let steps = loop.filter { $0.text.hasPrefix(name) }
        #expect(steps.count == perTurn * rows * columns, "\(name)")
        #expect(steps.allSatisfy { $0.text.contains(Self.vector) }, "\(name)")
      }
      #expect(!loop.contains { $0.isCall || $0.isSpill }, "\(code.symbol)")
      #expect(loop.first.map { $0.address % 64 } == 0, "the loop does not begin a cache line")
      // Loads of the panel, a broadcast a row, fetching ahead and the loop's own count; no more.
      #expect(loop.count <= perTurn * (product.count * rows * columns + columns + rows + 10))
      let calls = code.instructions.filter { $0.isCall && !$0.text.contains("__stack_chk_fail") }
      #expect(calls.map(\.text) == [])
      return code
    }
  #endif

  #if COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI
    @Test(
      "The tile of 16 bits is two instructions a product, without spills or calls",
      arguments: byteTiles)
    func int16Tile(rows: Int, columns: Int) throws {
      let code = try check(
        "Int16Dot", rows: rows, columns: columns, product: ["vpmaddwd", "vpaddd"])
      // What is stored comes from registers.
      let spills = code.instructions.filter(\.isSpill)
      #expect(spills.isEmpty, "\(spills.map(\.text))")
    }
  #endif

  #if COSTCURVE_BF16
    @Test(
      "The tile of bfloat16 is dot products on full vectors, without spills or calls",
      arguments: [(6, 4), (4, 4), (6, 2)])
    func bfloat16Tile(rows: Int, columns: Int) throws {
      let code = try Disassembly(of: "WordTilesO7tile\(rows)x\(columns)", "BFloat16Dot")
      let loop = try #require(
        code.innermostLoop(containing: "vdpbf16ps"), "no loop in \(code.symbol)")
      let dots = loop.filter { $0.text.hasPrefix("vdpbf16ps") }
      #expect(dots.count == rows * columns)
      #expect(dots.allSatisfy { $0.text.contains(Self.vector) })
      #expect(!loop.contains { $0.isCall || $0.isSpill }, "\(code.symbol)")
      #expect(loop.first.map { $0.address % 64 } == 0, "the loop does not begin a cache line")
      // Loads of the panel, a broadcast a row, fetching ahead and the loop's own count; no more.
      #expect(loop.count <= rows * columns + rows + columns + 8)
      // What is done to the sums stays in registers: nothing is computed but what they hold.
      let spills = code.instructions.filter(\.isSpill)
      #expect(spills.isEmpty, "\(spills.map(\.text))")
      let rounded = code.instructions.filter { $0.text.hasPrefix("vcvtne2ps2bf16") }
      #expect(rounded.count >= rows * columns / 2)
      #expect(!rounded.contains { code.isInLoop($0.address) })
      let calls = code.instructions.filter { $0.isCall && !$0.text.contains("__stack_chk_fail") }
      #expect(calls.map(\.text) == [])
    }

    @Test(
      "The outer tile of pairs is dot products on full vectors, without spills or calls",
      arguments: [(6, 4), (4, 4), (8, 2), (16, 1)])
    func outerTileOfPairs(rows: Int, columns: Int) throws {
      let function = "pairs\(rows)x\(columns)"
      let code = try Disassembly(of: "WordOuterTilesO\(function.utf8.count)\(function)")
      let loop = try #require(
        code.innermostLoop(containing: "vdpbf16ps"), "no loop in \(code.symbol)")
      let dots = loop.filter { $0.text.hasPrefix("vdpbf16ps") }
      #expect(dots.count == rows * columns)
      #expect(dots.allSatisfy { $0.text.contains(Self.vector) })
      #expect(!loop.contains { $0.isCall || $0.isSpill }, "\(code.symbol)")
      // Loads of B, a broadcast a row, fetching ahead and the loop's own count; no more.
      #expect(loop.count <= rows * columns + rows + columns + 10)
      let calls = code.instructions.filter { $0.isCall && !$0.text.contains("__stack_chk_fail") }
      #expect(calls.map(\.text) == [])
    }

    @Test("The peak of bfloat16 is nothing but dot products")
    func bfloat16Peak() throws {
      let code = try Disassembly(of: "bfloat16PeakAccumulate")
      let loop = try #require(code.innermostLoop(containing: "vdpbf16ps"))
      let dots = loop.filter { $0.text.hasPrefix("vdpbf16ps") && $0.text.contains(Self.vector) }
      #expect(dots.count >= 24 && dots.count + 4 >= loop.count, "\(loop.map(\.text))")
    }
  #endif

  @Test("The memory is read again in each pass of its probe, not once for all")
  func bandwidth() throws {
    let code = try Disassembly(of: "BandwidthProbeC3run")
    let reads = code.instructions.filter { $0.isCall && $0.text.contains("readAll") }
    #expect(!reads.isEmpty)
    for read in reads { #expect(code.isInLoop(read.address), "\(read.text)") }
  }
}

/// The machine code of one function of the program, by `nm` and `objdump`.
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

  /// The program to look at: this one if optimised, else the release build beside it.
  static let binary: String? = {
    #if arch(x86_64)
      let files = FileManager.default
      let tools = ["/usr/bin/nm", "/usr/bin/objdump"]
      guard tools.allSatisfy(files.isExecutableFile),
        let own = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      else { return nil }
      #if DEBUG
        let release = URL(fileURLWithPath: own).deletingLastPathComponent()
          .deletingLastPathComponent().appendingPathComponent("release/costcurve").path
        return isFresh(release) ? release : nil
      #else
        return own
      #endif
    #else
      return nil
    #endif
  }()

  /// Whether a program exists and is younger than every source file of the kernels.
  private static func isFresh(_ program: String) -> Bool {
    let files = FileManager.default
    func date(_ path: String) -> Date? {
      (try? files.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Kernels").path
    guard let built = date(program), let names = files.enumerator(atPath: sources) else {
      return false
    }
    return names.compactMap { $0 as? String }.allSatisfy { name in
      (date(sources + "/" + name) ?? .distantFuture) < built
    }
  }

  /// The program's functions, smallest first.
  static let names: [Substring] = {
    guard let binary, let table = try? output("/usr/bin/nm", ["--size-sort", binary]) else {
      return []
    }
    return table.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      return words.count == 3 && words[1].lowercased() == "t" ? words[2] : nil
    }
  }()

  /// Takes apart the largest function whose mangled name contains all `parts`.
  ///
  /// The smaller ones are entries that only jump to it.
  init(of parts: String...) throws {
    guard let binary = Self.binary,
      let found = Self.names.last(where: { name in parts.allSatisfy { name.contains($0) } })
    else { throw Missing(symbol: parts.joined(separator: " ")) }
    let symbol = String(found)
    let listing = try Self.output(
      "/usr/bin/objdump", ["-d", "--no-show-raw-insn", "--disassemble=\(symbol)", binary])
    self.symbol = symbol
    instructions = listing.split(separator: "\n").compactMap { line in
      let halves = line.split(separator: ":", maxSplits: 1)
      guard halves.count == 2, line.hasPrefix(" "),
        let address = Int(halves[0].trimmingCharacters(in: .whitespaces), radix: 16)
      else { return nil }
      return Instruction(
        address: address, text: halves[1].trimmingCharacters(in: .whitespaces))
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

  /// Whether a backward jump leads over an address.
  func isInLoop(_ address: Int) -> Bool {
    instructions.contains { jump in
      jump.target.map { $0 <= address && address < jump.address } ?? false
    }
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
