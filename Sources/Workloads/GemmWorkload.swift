import Basics
import Harness
import Kernels

/// A square or layer-shaped matrix product; `gemm/MxNxK/tN/ENGINE`.
final class GemmWorkload: Workload {
  let id: String
  let kind = CaseRecord.Kind.gemm
  let threads: Int
  private let shape: GemmShape
  let algorithm: String
  /// One way to compute `C = A · B`.
  private let multiply:
    (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  private let a: AlignedBuffer
  private let b: AlignedBuffer
  private let c: AlignedBuffer

  init(id: CaseID, shape: GemmShape, engine: Engine, threads: Int, seed: UInt64) {
    self.id = id.description
    self.shape = shape
    self.threads = threads
    a = AlignedBuffer(count: shape.m * shape.k)
    b = AlignedBuffer(count: shape.k * shape.n)
    c = AlignedBuffer(count: shape.m * shape.n)
    SmallIntegers.fill(a.elements, seed: seed)
    SmallIntegers.fill(b.elements, seed: seed &+ 1)
    switch engine {
    case .openblas:
      algorithm = "gemm.f32.openblas"
      multiply = { a, b, c in
        GemmBLAS.multiply(
          shape, GemmOperand(a, stride: shape.k), GemmOperand(b, stride: shape.n), into: c,
          stride: shape.n, threads: threads)
      }
    case .native, .nativeDirect:
      algorithm = Gemm.id
      // Packed beforehand, as a plan has its weights.
      let gemm = Gemm(shape, b: GemmOperand(b.pointer, stride: shape.n), threads: threads)
      let pool = ThreadPool(threads: threads)
      let workspace = AlignedBuffer(count: gemm.workspaceCount)
      multiply = { a, _, c in
        gemm.run(a, aStride: shape.k, into: c, workspace: workspace.pointer, pool: pool)
      }
    case .reference:
      algorithm = "gemm.f32.reference"
      multiply = { a, b, c in
        GemmReference.multiply(
          shape, GemmOperand(a, stride: shape.k), GemmOperand(b, stride: shape.n), into: c,
          stride: shape.n)
      }
    }
  }

  var parameters: [String: JSONValue] {
    [
      "m": .number(Double(shape.m)), "n": .number(Double(shape.n)), "k": .number(Double(shape.k)),
      "threads": .number(Double(threads)),
    ]
  }
  var directFLOPs: FLOPs { shape.macs.flops }
  var executedFLOPs: FLOPs { directFLOPs }

  func run() { multiply(a.pointer, b.pointer, c.pointer) }

  /// Freivalds' test (1977): `C·x` against `A·(B·x)`, exact in float64 for small whole numbers.
  ///
  /// Ten random `x` of zeros and ones, so a wrong element stays hidden with a chance of 2⁻¹⁰; a
  /// NaN never does.
  func check() -> CaseRecord.Correctness {
    run()
    var random = SplitMix64(seed: 0xF12E)
    var worst = 0.0
    var scale = 1.0
    for _ in 0..<10 {
      let x = (0..<shape.n).map { _ in Double(random.next() & 1) }
      let bx = Self.apply(b.pointer, rows: shape.k, columns: shape.n, to: x)
      let expected = Self.apply(a.pointer, rows: shape.m, columns: shape.k, to: bx)
      let actual = Self.apply(c.pointer, rows: shape.m, columns: shape.n, to: x)
      for (one, other) in zip(actual, expected) {
        let difference = abs(one - other)
        worst = difference.isNaN ? .infinity : max(worst, difference)
        scale = max(scale, abs(other))
      }
    }
    return .init(passed: worst == 0, error: worst / scale)
  }

  func checksum() -> UInt64 { Checksum.of(c.elements) }

  /// A row-major matrix times a vector, in float64.
  private static func apply(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, to x: [Double]
  ) -> [Double] {
    (0..<rows).map { row in
      var sum = 0.0
      for column in 0..<columns { sum += Double(matrix[row * columns + column]) * x[column] }
      return sum
    }
  }
}
