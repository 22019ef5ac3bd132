import Basics
import Kernels
import TestSupport
import Testing

@Suite("GEMM: reference and OpenBLAS")
struct GemmBLASTests {
  static let shapes = [
    GemmShape(m: 1, n: 1, k: 1), GemmShape(m: 1, n: 17, k: 5), GemmShape(m: 7, n: 1, k: 3),
    GemmShape(m: 2, n: 3, k: 1), GemmShape(m: 13, n: 11, k: 29), GemmShape(m: 64, n: 48, k: 33),
    GemmShape(m: 97, n: 101, k: 7), GemmShape(m: 5, n: 3, k: 0), GemmShape(m: 1, n: 4, k: 0),
  ]
  static let factors: [Float] = [0, 1, -3, 0.5]

  /// A value that no two positions share by accident of symmetry, summed by hand in float64.
  @Test("The reference is the textbook sum, written out for one small product")
  func referenceByHand() {
    let a = Tensor([1, 2, 3, 4, 5, 6])
    let b = Tensor([7, 8, 9, 10, 11, 12])
    let c = Tensor([1, 1, 1, 1])
    GemmReference.multiply(
      GemmShape(m: 2, n: 2, k: 3), GemmOperand(a.input, stride: 3),
      GemmOperand(b.input, stride: 2), beta: -1, into: c.pointer, stride: 2)
    #expect(c.values == [57, 63, 138, 153])
  }

  @Test("OpenBLAS equals the reference exactly on small integers", arguments: shapes, factors)
  func exact(shape: GemmShape, beta: Float) {
    var random = SeededRandom(seed: UInt64(shape.m * 10_007 + shape.n * 101 + shape.k))
    let pool = ThreadPool(threads: 2)
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      // Rows are further apart than they are long, so that a wrong stride cannot pass.
      let (rowsA, columnsA) = transposeA ? (shape.k, shape.m) : (shape.m, shape.k)
      let (rowsB, columnsB) = transposeB ? (shape.n, shape.k) : (shape.k, shape.n)
      let (strideA, strideB, strideC) = (columnsA + 3, columnsB + 2, shape.n + 5)
      let a = Tensor(random.integers(max(rowsA, 1) * strideA))
      let b = Tensor(random.integers(max(rowsB, 1) * strideB))
      let before =
        beta == 0
        ? [Float](repeating: .nan, count: shape.m * strideC)
        : random.integers(shape.m * strideC)
      let (expected, library, shared) = (Tensor(before), Tensor(before), Tensor(before))
      let left = GemmOperand(a.input, stride: strideA, isTransposed: transposeA)
      let right = GemmOperand(b.input, stride: strideB, isTransposed: transposeB)
      GemmReference.multiply(
        shape, left, right, beta: beta, into: expected.pointer, stride: strideC)
      GemmBLAS.multiply(
        shape, left, right, beta: beta, into: library.pointer, stride: strideC)
      GemmBLAS.multiply(
        shape, left, right, beta: beta, into: shared.pointer, stride: strideC, pool: pool)
      #expect(bits(library.values) == bits(expected.values), "\(transposeA) \(transposeB)")
      #expect(bits(shared.values) == bits(expected.values), "\(transposeA) \(transposeB)")
    }
  }

  /// In a process of its own: the library's thread count belongs to the process, in which all other
  /// tests rely on one thread.
  @Test("OpenBLAS stays within its bound on random floats")
  func bounded() async {
    await #expect(processExitsWith: .success) {
      var random = SeededRandom(seed: 11)
      let shape = GemmShape(m: 150, n: 130, k: 301)
      let a = Tensor(random.floats(shape.m * shape.k))
      let b = Tensor(random.floats(shape.k * shape.n))
      let (expected, library) = (
        Tensor(count: shape.m * shape.n), Tensor(count: shape.m * shape.n)
      )
      let (left, right) = (
        GemmOperand(a.input, stride: shape.k), GemmOperand(b.input, stride: shape.n)
      )
      GemmReference.multiply(shape, left, right, into: expected.pointer, stride: shape.n)
      for threads in [1, 2] {
        GemmBLAS.multiply(
          shape, left, right, into: library.pointer, stride: shape.n, threads: threads)
        #expect(OpenBLAS.threads == threads)
        #expect(relativeError(library.values, expected.values) < 2e-6)
      }
    }
  }

  @Test("The loaded library says what it is")
  func identity() {
    #expect(OpenBLAS.configuration.contains("OpenBLAS"))
    #expect(!OpenBLAS.coreName.isEmpty)
    #expect(!OpenBLAS.threading.contains("unknown"))
  }
}

/// Bit patterns with the two zeros made one, so that NaN compares and -0 does not matter.
private func bits(_ values: [Float]) -> [UInt32] { values.map { ($0 + 0).bitPattern } }
