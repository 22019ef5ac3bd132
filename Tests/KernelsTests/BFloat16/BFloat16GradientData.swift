import Basics
import Kernels
import TestSupport

/// Everything that the gradients of one convolution of bfloat16 read.
struct BFloat16GradientData {
  let shape: ConvShape
  var input: [BFloat16]
  var gradient: [BFloat16]
  /// Floats, which are rounded on the way.
  var filters: [Float]
  /// What is added to: numbers that are bfloat16, whatever type they are stored as.
  var start: [Float]

  /// Draws all: whole numbers, whose sums are exact in any order, or any.
  init(_ shape: ConvShape, integers: Bool = false) {
    var random = SeededRandom(seed: UInt64(shape.macs.count &+ 31))
    func draw(_ count: Int) -> [Float] {
      integers ? random.integers(count) : random.floats(count, in: -2...2)
    }
    self.shape = shape
    input = draw(shape.inputCount).map { BFloat16($0) }
    gradient = draw(shape.outputCount).map { BFloat16($0) }
    filters = draw(shape.filterCount)
    start = draw(shape.inputCount).map { BFloat16($0).value }
  }

  /// Calls `body` with indices into `N P Q K`, `N H W C` and `K R S C` for each product.
  private func forEachProduct(_ body: (_ output: Int, _ input: Int, _ tap: Int) -> Void) {
    for output in 0..<shape.outputCount {
      let (k, pixel) = (output % shape.K, output / shape.K)
      let (q, p, n) = (
        pixel % shape.Q, pixel / shape.Q % shape.P, pixel / shape.Q / shape.P
      )
      for r in 0..<shape.R {
        for s in 0..<shape.S {
          let (h, w) = (shape.row(p, r), shape.column(q, s))
          guard h >= 0, h < shape.H, w >= 0, w < shape.W else { continue }
          for c in 0..<shape.C {
            body(
              output, ((n * shape.H + h) * shape.W + w) * shape.C + c,
              ((k * shape.R + r) * shape.S + s) * shape.C + c)
          }
        }
      }
    }
  }

  /// The sums of the input's gradient, of which each has 8-bit factors and so is nearly exact.
  func sumsByInput(accumulates: Bool) -> [BFloat16Data.Sum] {
    var sums = start.map { value in
      let first = accumulates ? Double(value) : 0
      return BFloat16Data.Sum(value: first, magnitude: abs(first), products: 0)
    }
    let rounded = filters.map { Double(BFloat16($0).value) }
    forEachProduct { output, input, tap in
      sums[input].add(Double(gradient[output].value) * rounded[tap])
    }
    return sums
  }

  /// The sums of the filters' gradient.
  var sumsByFilters: [BFloat16Data.Sum] {
    var sums = filters.map { _ in BFloat16Data.Sum(value: 0, magnitude: 0, products: 0) }
    forEachProduct { output, index, tap in
      sums[tap].add(Double(gradient[output].value) * Double(input[index].value))
    }
    return sums
  }

  /// Runs backward-data.
  ///
  /// - Parameters:
  ///   - algorithm: One that supports it.
  ///   - output: The type of the result.
  ///   - accumulates: Whether it is added to `start`.
  ///   - pool: The threads.
  /// - Returns: The result; nil where something beside it was written.
  func backwardData(
    _ algorithm: BFloat16Algorithm, output: DType, accumulates: Bool, pool: ThreadPool
  ) -> [Double]? {
    let pass = algorithm.compileBackwardData(
      shape, output: output, accumulates: accumulates, threads: pool.threads)
    let (gradient, filters) = (GuardedBytes(self.gradient), GuardedBytes(self.filters))
    let result =
      output == .bf16 ? GuardedBytes(start.map { BFloat16($0) }) : GuardedBytes(start)
    let workspace = GuardedBytes(count: pass.workspaceByteCount, filledWith: 0xFF)
    pass.run(
      BFloat16BackwardDataOperands(
        outputGradient: UnsafePointer(gradient.pointer.assumingMemoryBound(to: BFloat16.self)),
        filters: UnsafePointer(filters.pointer.assumingMemoryBound(to: Float.self)),
        inputGradient: result.pointer, workspace: workspace.pointer),
      pool: pool)
    guard [gradient, filters, result, workspace].allSatisfy(\.isIntact) else { return nil }
    return (0..<shape.inputCount).map { output.number($0, in: UnsafeRawPointer(result.pointer)) }
  }

  /// Runs backward-weights.
  ///
  /// - Parameters:
  ///   - algorithm: One that supports it.
  ///   - pool: The threads.
  ///   - caches: What block sizes and partitions follow from.
  /// - Returns: The result; nil where something beside it was written.
  func backwardWeights(
    _ algorithm: BFloat16Algorithm, pool: ThreadPool, caches: CacheSizes = .current
  ) -> [Float]? {
    let pass = algorithm.compileBackwardWeights(shape, threads: pool.threads, caches: caches)
    let (input, gradient) = (GuardedBytes(self.input), GuardedBytes(self.gradient))
    let result = GuardedBytes(count: 4 * shape.filterCount, filledWith: 0xFF)
    let workspace = GuardedBytes(count: pass.workspaceByteCount, filledWith: 0xFF)
    let floats = result.pointer.assumingMemoryBound(to: Float.self)
    pass.run(
      BFloat16BackwardWeightsOperands(
        input: UnsafePointer(input.pointer.assumingMemoryBound(to: BFloat16.self)),
        outputGradient: UnsafePointer(gradient.pointer.assumingMemoryBound(to: BFloat16.self)),
        filterGradient: floats, workspace: workspace.pointer),
      pool: pool)
    guard [input, gradient, result, workspace].allSatisfy(\.isIntact) else { return nil }
    return (0..<shape.filterCount).map { floats[$0] }
  }
}
