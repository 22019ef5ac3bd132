/// The derivatives of a loss by what `RowNormalization` read, from that by its output.
///
/// With `x̂ = (x − mean) · r` and `dŷ = dy · scale`: `dx = r · (dŷ − mean(dŷ) − x̂ · mean(dŷ · x̂))`,
/// without `mean(dŷ)` where the mean stays; by the scale `Σ dy · x̂` over rows, by the shift `Σ dy`.
/// Mean and spread of a row are computed anew. Each thread sums over rows of its own, and these sums
/// are added up thread by thread. Error: float32 sums along rows, and over the rows of a thread.
public struct RowNormalizationGradient: Sendable {
  /// The forward pass.
  public let norm: RowNormalization
  /// Threads of the pool that it will run on.
  public let threads: Int

  /// Fixes the rows.
  public init(_ norm: RowNormalization, threads: Int) {
    (self.norm, self.threads) = (norm, threads)
  }

  /// What a call reads and writes.
  public struct Operands {
    /// `rows × length`, what the forward pass read.
    public var input: UnsafePointer<Float>
    /// `length` factors.
    public var scale: UnsafePointer<Float>
    /// `rows × length`: the loss's derivative by the output.
    public var outputGradient: UnsafePointer<Float>
    /// `rows × length`, overwritten; may be the output's.
    public var inputGradient: UnsafeMutablePointer<Float>
    /// `length` floats, overwritten.
    public var scaleGradient: UnsafeMutablePointer<Float>
    /// `length` floats, overwritten; nil where there is no shift.
    public var shiftGradient: UnsafeMutablePointer<Float>?

    /// Names all operands.
    public init(
      input: UnsafePointer<Float>, scale: UnsafePointer<Float>,
      outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
      scaleGradient: UnsafeMutablePointer<Float>, shiftGradient: UnsafeMutablePointer<Float>?
    ) {
      (self.input, self.scale, self.outputGradient) = (input, scale, outputGradient)
      (self.inputGradient, self.scaleGradient) = (inputGradient, scaleGradient)
      self.shiftGradient = shiftGradient
    }
  }

  /// Floats of workspace that `run` needs: the sums of all threads, each on a line of its own.
  public var workspaceCount: Int { 2 * threads * pitch }
  private var pitch: Int { (norm.length + 15) / 16 * 16 }

  /// Computes all derivatives.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - operands: Where everything is.
  ///   - workspace: `workspaceCount` floats.
  ///   - pool: As many threads as compiled for.
  public func run(
    rows: Int, _ operands: Operands, workspace: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    let (length, pitch, shifts) = (norm.length, self.pitch, workspace + threads * self.pitch)
    pool.run { worker in
      let (scale, shift) = (workspace + worker * pitch, shifts + worker * pitch)
      scale.update(repeating: 0, count: length)
      shift.update(repeating: 0, count: length)
      for row in ThreadPool.share(of: rows, worker: worker, workers: threads) {
        differentiate(row * length, operands, scaleSums: scale, shiftSums: shift)
      }
    }
    pool.add(workspace + pitch, pitch: pitch, count: length, to: workspace)
    operands.scaleGradient.update(from: workspace, count: length)
    guard let target = operands.shiftGradient else { return }
    pool.add(shifts + pitch, pitch: pitch, count: length, to: shifts)
    target.update(from: shifts, count: length)
  }

  /// One row: its derivative, and what it adds to the sums by scale and shift.
  private func differentiate(
    _ start: Int, _ operands: Operands, scaleSums: UnsafeMutablePointer<Float>,
    shiftSums: UnsafeMutablePointer<Float>
  ) {
    let (source, gradient) = (operands.input + start, operands.outputGradient + start)
    let (target, scale) = (operands.inputGradient + start, operands.scale)
    let (mean, factor) = norm.statistics(source)
    let (length, lanes) = (norm.length, VectorUnit.lanes)
    let whole = length - length % lanes
    let (taken, times) = (Vector(repeating: mean), Vector(repeating: factor))
    var (sums, products) = (Vector.zero, Vector.zero)
    for j in stride(from: 0, to: whole, by: lanes) {
      let dy = Vector.load(gradient + j)
      let x = (Vector.load(source + j) - taken) * times
      Vector.load(scaleSums + j).addingProduct(dy, x).store(scaleSums + j)
      (Vector.load(shiftSums + j) + dy).store(shiftSums + j)
      let scaled = dy * Vector.load(scale + j)
      sums += scaled
      products.addProduct(scaled, x)
    }
    var (sum, product) = (sums.sum(), products.sum())
    for j in whole..<length {
      let x = (source[j] - mean) * factor
      scaleSums[j] += gradient[j] * x
      shiftSums[j] += gradient[j]
      sum += gradient[j] * scale[j]
      product += gradient[j] * scale[j] * x
    }
    let least = norm.centres ? sum / Float(length) : 0
    let slope = product / Float(length)
    let (leastLanes, slopeLanes) = (Vector(repeating: least), Vector(repeating: slope))
    for j in stride(from: 0, to: whole, by: lanes) {
      let x = (Vector.load(source + j) - taken) * times
      let scaled = Vector.load(gradient + j) * Vector.load(scale + j) - leastLanes
      ((scaled - x * slopeLanes) * times).store(target + j)
    }
    for j in whole..<length {
      let x = (source[j] - mean) * factor
      target[j] = (gradient[j] * scale[j] - least - x * slope) * factor
    }
  }
}
