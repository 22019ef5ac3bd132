/// An optimizer's update of all parameters.
///
/// Weights, gradients and moments are read once and written once, but for LAMB, which reads a tensor
/// twice: its step is scaled by its norm. Tensors that fit a cache come from memory once all the same.
/// Clipping reads the gradients once before. Error: float32, element by element; norms float64 over
/// float32 sums of a few thousand squares.
public struct OptimizerPass: Sendable {
  /// A tensor's place in memory, and whether weight decay is for it.
  public struct Segment: Hashable, Sendable {
    /// Floats from the first of all to those of the tensor.
    public var range: Range<Int>
    /// Whether weight decay is for it.
    public var decays: Bool

    /// Joins both.
    public init(range: Range<Int>, decays: Bool) { (self.range, self.decays) = (range, decays) }
  }

  /// Where everything is; each as long as all segments together.
  public struct Memory {
    /// Updated.
    public var weights: UnsafeMutablePointer<Float>
    /// The loss's derivatives by the weights.
    public var gradients: UnsafePointer<Float>
    /// Means of gradients, zeros before the first step; updated.
    public var moments: UnsafeMutablePointer<Float>
    /// Means of squares, likewise; nil where the optimizer keeps none.
    public var squares: UnsafeMutablePointer<Float>?

    /// Names all of it.
    public init(
      weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
      moments: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>?
    ) {
      (self.weights, self.gradients) = (weights, gradients)
      (self.moments, self.squares) = (moments, squares)
    }
  }

  /// Which update it is.
  public let kind: Optimizer.Kind
  /// All tensors, one behind the other.
  public let segments: [Segment]
  private let threads: Int
  /// Floats from the first to the end of the last segment.
  private let count: Int

  /// Fixes what is updated.
  ///
  /// - Parameters:
  ///   - kind: Which update it is.
  ///   - segments: All tensors in the order of memory; what lies between two has zeros.
  ///   - threads: Threads of the pool that it will run on.
  public init(_ kind: Optimizer.Kind, segments: [Segment], threads: Int) {
    (self.kind, self.segments, self.threads) = (kind, segments, threads)
    count = segments.last?.range.upperBound ?? 0
  }

  /// Floats of workspace that `run` needs: two numbers of 64 bits a thread, each pair on a line.
  public var workspaceCount: Int { 16 * threads }

  /// Updates all parameters.
  ///
  /// - Parameters:
  ///   - memory: Where they are.
  ///   - numbers: What `Optimizer` writes for the step.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(
    _ memory: Memory, numbers: UnsafePointer<Float>, workspace: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    let sums = UnsafeMutableRawPointer(workspace).bindMemory(to: Double.self, capacity: 8 * threads)
    var step = OptimizerStep(kind, numbers)
    if numbers[9] > 0 {
      step.factor = Self.clipping(norm(memory.gradients, sums, pool), above: numbers[9])
    }
    if kind == .lamb {
      for segment in segments { runInTwo(step, segment, memory, sums, pool) }
      return
    }
    pool.run { worker in
      let share = ThreadPool.share(of: count, worker: worker, workers: threads, grain: 16)
      for segment in segments where segment.range.overlaps(share) {
        step.update(segment.range.clamped(to: share), memory, decays: segment.decays)
      }
    }
  }

  /// What gradients are multiplied by, as PyTorch's `clip_grad_norm_` has it.
  private static func clipping(_ norm: Double, above limit: Float) -> Float {
    Float(min(1, Double(limit) / (norm + 1e-6)))
  }

  /// The norm of all gradients together.
  private func norm(
    _ gradients: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Double>, _ pool: ThreadPool
  ) -> Double {
    pool.run { worker in
      let share = ThreadPool.share(of: count, worker: worker, workers: threads, grain: 16)
      sums[8 * worker] = OptimizerStep.squares(gradients, share)
    }
    return total(sums, 0).squareRoot()
  }

  /// A tensor of LAMB: moments and norms first, then the step.
  private func runInTwo(
    _ step: OptimizerStep, _ segment: Segment, _ memory: Memory,
    _ sums: UnsafeMutablePointer<Double>, _ pool: ThreadPool
  ) {
    let first = segment.range.lowerBound
    pool.run { worker in
      let own = ThreadPool.share(
        of: segment.range.count, worker: worker, workers: threads, grain: 1024)
      let share = first + own.lowerBound..<first + own.upperBound
      sums[8 * worker] = OptimizerStep.squares(memory.weights, share)
      sums[8 * worker + 4] = step.moments(share, memory, decays: segment.decays)
    }
    let (weights, steps) = (total(sums, 0).squareRoot(), total(sums, 4).squareRoot())
    let ratio = weights > 0 && steps > 0 ? Float(weights / steps) : 1
    pool.forEachShare(of: segment.range.count, grain: 1024) { own in
      step.apply(
        first + own.lowerBound..<first + own.upperBound, memory, decays: segment.decays,
        ratio: ratio)
    }
  }

  /// The sum of one number of all threads.
  private func total(_ sums: UnsafePointer<Double>, _ offset: Int) -> Double {
    var sum = 0.0
    for worker in 0..<threads { sum += sums[8 * worker + offset] }
    return sum
  }
}
