/// Training batch normalisation in the fewest passes over memory, ReLU and residual included.
///
/// Forward reads the input twice (sums, then the result) and writes once. Backward reads gradient
/// and input twice and writes once; a ReLU behind a residual costs one more read and one more
/// write. `BatchNormReference` is the specification. Deterministic for a fixed number of threads;
/// nothing is allocated after `init`.
public final class BatchNorm: @unchecked Sendable {
  /// Pixels of all images.
  public let rows: Int
  /// Floats a row.
  public let channels: Int
  /// Added to the variance before its root is taken.
  public let epsilon: Float
  /// Weight of the new batch in the running averages.
  public let momentum: Float

  private let threads: Int
  /// `threads × 2 × channels`: each worker's sums.
  private let sums: UnsafeMutablePointer<Double>
  /// `3 × channels`: what the second pass multiplies and adds.
  private let coefficients: AlignedBuffer

  /// Allocates the scratch memory of one layer, or of several of one size that run in turn.
  ///
  /// - Parameters:
  ///   - rows: Pixels of all images; more than 1.
  ///   - channels: Floats a row.
  ///   - threads: Threads of the pool that it will run on.
  ///   - epsilon: Added to the variance before its root is taken.
  ///   - momentum: Weight of the new batch in the running averages.
  public init(
    rows: Int, channels: Int, threads: Int, epsilon: Float = 1e-5, momentum: Float = 0.1
  ) {
    precondition(rows > 1 && channels > 0, "no batch statistics of \(rows) x \(channels)")
    (self.rows, self.channels, self.threads) = (rows, channels, threads)
    (self.epsilon, self.momentum) = (epsilon, momentum)
    sums = .allocate(capacity: threads * 2 * channels)
    coefficients = AlignedBuffer(count: 3 * channels)
  }

  deinit { sums.deallocate() }

  /// Computes `output = relu?((input - mean) · inverseDeviation · scale + offset + residual)`.
  ///
  /// - Parameters:
  ///   - operands: The activations.
  ///   - parameters: The layer's parameters; batch and running statistics are written.
  ///   - appliesReLU: Whether negative results become 0; NaN stays.
  ///   - pool: Runs the work; of the size given to `init`.
  public func forward(
    _ operands: BatchNormForwardOperands, _ parameters: BatchNormParameters, appliesReLU: Bool,
    pool: ThreadPool
  ) {
    let input = operands.input
    sumChannels(pool) { sums, rows in
      sums.add(rows) { offset, c, count in
        let x = Vector.load(input + offset, first: count)
        return (x, x)
      }
    }
    takeStatistics(parameters)
    let normalizer = Normalizer(parameters, coefficients.pointer, channels: channels)
    let output = operands.output
    switch (operands.residual, appliesReLU) {
    case (nil, false):
      forEachVector(pool) { offset, c, count in
        let x = Vector.load(input + offset, first: count)
        normalizer.apply(x, c, count).store(output + offset, first: count)
      }
    case (nil, true):
      forEachVector(pool) { offset, c, count in
        let x = Vector.load(input + offset, first: count)
        normalizer.apply(x, c, count).rectified().store(output + offset, first: count)
      }
    case (let residual?, false):
      forEachVector(pool) { offset, c, count in
        let x = Vector.load(input + offset, first: count)
        let y = normalizer.apply(x, c, count) + Vector.load(residual + offset, first: count)
        y.store(output + offset, first: count)
      }
    case (let residual?, true):
      forEachVector(pool) { offset, c, count in
        let x = Vector.load(input + offset, first: count)
        let y = normalizer.apply(x, c, count) + Vector.load(residual + offset, first: count)
        y.rectified().store(output + offset, first: count)
      }
    }
  }

  /// Computes the gradients by input, scale and offset.
  ///
  /// - Parameters:
  ///   - operands: Activations and gradients.
  ///   - parameters: As forward left them.
  ///   - pool: Runs the work; of the size given to `init`.
  public func backward(
    _ operands: BatchNormBackwardOperands, _ parameters: BatchNormParameters, pool: ThreadPool
  ) {
    let (input, gradient) = (operands.input, operands.outputGradient)
    let normalizer = Normalizer(parameters, coefficients.pointer, channels: channels)
    switch operands.rectifier {
    case .none:
      sumChannels(pool) { sums, rows in
        sums.add(rows) { offset, c, count in
          (Vector.load(gradient + offset, first: count), Vector.load(input + offset, first: count))
        }
      }
    case .recomputed:
      sumChannels(pool) { sums, rows in
        sums.add(rows) { offset, c, count in
          let x = Vector.load(input + offset, first: count)
          let dy = Vector.load(gradient + offset, first: count)
          let isOn = normalizer.apply(x, c, count) .> 0
          return (Vector.zero.replacing(with: dy, where: isOn), x)
        }
      }
    case .byOutput(let output):
      sumChannels(pool) { sums, rows in
        sums.add(rows) { offset, c, count in
          let isOn = Vector.load(output + offset, first: count) .> 0
          let dy = Vector.load(gradient + offset, first: count)
          let rectified = Vector.zero.replacing(with: dy, where: isOn)
          rectified.store(gradient + offset, first: count)
          return (rectified, Vector.load(input + offset, first: count))
        }
      }
    }
    takeGradients(operands, parameters)
    let (result, slope) = (operands.inputGradient, Slope(normalizer, channels: channels))
    if case .recomputed = operands.rectifier {
      forEachVector(pool) { offset, c, count in
        let x = Vector.load(input + offset, first: count)
        let dy = Vector.load(gradient + offset, first: count)
        let rectified = Vector.zero.replacing(with: dy, where: normalizer.apply(x, c, count) .> 0)
        slope.apply(rectified, x, c, count).store(result + offset, first: count)
      }
    } else {
      forEachVector(pool) { offset, c, count in
        let x = Vector.load(input + offset, first: count)
        let dy = Vector.load(gradient + offset, first: count)
        slope.apply(dy, x, c, count).store(result + offset, first: count)
      }
    }
  }

  /// Runs one pass of sums, each worker over its rows, and adds the workers' sums in order into
  /// the first worker's.
  @inline(__always)
  private func sumChannels(_ pool: ThreadPool, _ add: (ChannelSums, Range<Int>) -> Void) {
    precondition(pool.threads == threads, "made for \(threads) threads, not \(pool.threads)")
    let (sums, channels, rows) = (sums, channels, rows)
    pool.run { worker in
      let own = ChannelSums(totals: sums + worker * 2 * channels, channels: channels)
      own.totals.update(repeating: 0, count: 2 * channels)
      add(own, ThreadPool.share(of: rows, worker: worker, workers: pool.threads))
    }
    for worker in 1..<max(threads, 1) {
      for i in 0..<(2 * channels) { sums[i] += sums[worker * 2 * channels + i] }
    }
  }

  /// Runs one pass over all elements, a vector at a time: offset, channel, lanes that count.
  @inline(__always)
  private func forEachVector(
    _ pool: ThreadPool, _ body: (_ offset: Int, _ c: Int, _ count: Int) -> Void
  ) {
    let (channels, lanes) = (channels, VectorUnit.lanes)
    pool.forEachShare(of: rows) { rows in
      var offset = rows.lowerBound &* channels
      for _ in rows {
        var c = 0
        while c &+ lanes <= channels {
          body(offset &+ c, c, lanes)
          c &+= lanes
        }
        if c < channels { body(offset &+ c, c, channels &- c) }
        offset &+= channels
      }
    }
  }

  /// Turns the sums into the batch's statistics and moves the running averages.
  private func takeStatistics(_ parameters: BatchNormParameters) {
    let count = Double(rows)
    for c in 0..<channels {
      let mean = sums[c] / count
      let variance = max(0, sums[channels + c] / count - mean * mean)
      let inverse = 1 / (variance + Double(epsilon)).squareRoot()
      parameters.batchMean[c] = Float(mean)
      parameters.inverseDeviation[c] = Float(inverse)
      let weight = Double(momentum)
      let unbiased = variance * count / (count - 1)
      parameters.runningMean[c] = Float(
        (1 - weight) * Double(parameters.runningMean[c]) + weight * mean)
      parameters.runningVariance[c] = Float(
        (1 - weight) * Double(parameters.runningVariance[c]) + weight * unbiased)
    }
  }

  /// Turns the sums into the gradients by scale and offset, and into the second pass's factors.
  private func takeGradients(
    _ operands: BatchNormBackwardOperands, _ parameters: BatchNormParameters
  ) {
    let (byNormal, constant) = (
      coefficients.pointer + channels, coefficients.pointer + 2 * channels
    )
    for c in 0..<channels {
      let inverse = Double(parameters.inverseDeviation[c])
      let byOffset = sums[c]
      let byScale = (sums[channels + c] - Double(parameters.batchMean[c]) * byOffset) * inverse
      let factor = Double(parameters.scale[c]) * inverse / Double(rows)
      byNormal[c] = Float(-factor * inverse * byScale)
      constant[c] = Float(-factor * byOffset)
      operands.scaleGradient[c] = Float(byScale)
      operands.offsetGradient[c] = Float(byOffset)
    }
  }
}

/// `(x - mean) · factor + offset`: the same bits in forward and where backward computes it again.
private struct Normalizer {
  let mean: UnsafePointer<Float>
  let factor: UnsafePointer<Float>
  let offset: UnsafePointer<Float>

  /// Writes `factor = scale · inverseDeviation` to the start of `coefficients`.
  init(
    _ parameters: BatchNormParameters, _ coefficients: UnsafeMutablePointer<Float>, channels: Int
  ) {
    for c in 0..<channels {
      coefficients[c] = parameters.scale[c] * parameters.inverseDeviation[c]
    }
    mean = UnsafePointer(parameters.batchMean)
    factor = UnsafePointer(coefficients)
    offset = parameters.offset
  }

  @inline(__always)
  func apply(_ x: Vector, _ c: Int, _ count: Int) -> Vector {
    let centred = x - Vector.load(mean + c, first: count)
    return Vector.load(offset + c, first: count)
      .addingProduct(centred, Vector.load(factor + c, first: count))
  }
}

/// `dy · factor + (x - mean) · byNormal + constant`: the gradient by the input.
private struct Slope {
  let mean: UnsafePointer<Float>
  let factor: UnsafePointer<Float>
  let byNormal: UnsafePointer<Float>
  let constant: UnsafePointer<Float>

  init(_ normalizer: Normalizer, channels: Int) {
    (mean, factor) = (normalizer.mean, normalizer.factor)
    (byNormal, constant) = (factor + channels, factor + 2 * channels)
  }

  @inline(__always)
  func apply(_ dy: Vector, _ x: Vector, _ c: Int, _ count: Int) -> Vector {
    let centred = x - Vector.load(mean + c, first: count)
    return Vector.load(constant + c, first: count)
      .addingProduct(centred, Vector.load(byNormal + c, first: count))
      .addingProduct(dy, Vector.load(factor + c, first: count))
  }
}
