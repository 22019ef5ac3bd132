/// Training batch normalisation in the fewest passes over memory, ReLU and residual included.
///
/// Forward reads the input twice (sums, then the result) and writes once. Backward reads gradient
/// and input twice and writes once; a ReLU behind a residual costs one more read and one more
/// write. Deterministic for a fixed number of threads; nothing is allocated after `init`.
public final class BatchNorm: @unchecked Sendable {
  /// Pixels of all images.
  public let rows: Int
  /// Floats a row.
  public let channels: Int
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
  ///   - momentum: Weight of the new batch in the running averages.
  public init(rows: Int, channels: Int, threads: Int, momentum: Float = 0.1) {
    precondition(rows > 1 && channels > 0, "no batch statistics of \(rows) x \(channels)")
    (self.rows, self.channels) = (rows, channels)
    (self.threads, self.momentum) = (threads, momentum)
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
    normalize(operands, parameters, appliesReLU, pool)
  }

  /// The same for activations in bfloat16; parameters, statistics and arithmetic are float32.
  ///
  /// - Parameters:
  ///   - operands: The activations.
  ///   - parameters: The layer's parameters; batch and running statistics are written.
  ///   - appliesReLU: Whether negative results become 0; NaN stays.
  ///   - pool: Runs the work; of the size given to `init`.
  public func forward(
    _ operands: BFloat16NormForwardOperands, _ parameters: BatchNormParameters,
    appliesReLU: Bool, pool: ThreadPool
  ) {
    normalize(operands, parameters, appliesReLU, pool)
  }

  /// Inlined, so that the passes are specialised for each type of elements.
  @inline(__always)
  private func normalize<Element: StoredElement>(
    _ operands: NormForwardOperands<Element>, _ parameters: BatchNormParameters,
    _ appliesReLU: Bool, _ pool: ThreadPool
  ) {
    sumChannels(InputTerms(input: operands.input), pool)
    takeStatistics(parameters, epsilon: operands.epsilon)
    let normalizer = Normalizer(parameters, coefficients.pointer, channels: channels)
    switch (operands.residual, appliesReLU) {
    case (nil, false):
      forEachVector(NormalizePass(operands, normalizer, NoEnding()), pool)
    case (nil, true):
      forEachVector(NormalizePass(operands, normalizer, ReLUEnding()), pool)
    case (let residual?, false):
      forEachVector(NormalizePass(operands, normalizer, ResidualEnding(residual: residual)), pool)
    case (let residual?, true):
      let ending = ResidualReLUEnding(residual: residual)
      forEachVector(NormalizePass(operands, normalizer, ending), pool)
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
    differentiate(operands, parameters, pool)
  }

  /// The same for activations and their gradients in bfloat16.
  ///
  /// - Parameters:
  ///   - operands: Activations and gradients.
  ///   - parameters: As forward left them.
  ///   - pool: Runs the work; of the size given to `init`.
  public func backward(
    _ operands: BFloat16NormBackwardOperands, _ parameters: BatchNormParameters,
    pool: ThreadPool
  ) {
    differentiate(operands, parameters, pool)
  }

  /// Inlined for the same reason.
  @inline(__always)
  private func differentiate<Element: StoredElement>(
    _ operands: NormBackwardOperands<Element>, _ parameters: BatchNormParameters,
    _ pool: ThreadPool
  ) {
    let (input, gradient) = (operands.input, operands.outputGradient)
    let normalizer = Normalizer(parameters, coefficients.pointer, channels: channels)
    let slope = Slope(normalizer, channels: channels)
    let plain = GradientTerms(input: input, gradient: gradient)
    switch operands.rectifier {
    case .none:
      sumChannels(plain, pool)
    case .recomputed:
      let terms = RecomputedTerms(input: input, gradient: gradient, normalizer: normalizer)
      sumChannels(terms, pool)
      takeGradients(operands.scaleGradient, operands.offsetGradient, parameters)
      forEachVector(SlopePass(slope: slope, source: terms, result: operands.inputGradient), pool)
      return
    case .byOutput(let output):
      sumChannels(RectifiedTerms(input: input, gradient: gradient, output: output), pool)
    }
    takeGradients(operands.scaleGradient, operands.offsetGradient, parameters)
    forEachVector(SlopePass(slope: slope, source: plain, result: operands.inputGradient), pool)
  }

  /// Runs one pass of sums, each worker over its rows, and adds the workers' sums in order into
  /// the first worker's.
  private func sumChannels(_ source: some ChannelTerms, _ pool: ThreadPool) {
    precondition(pool.threads == threads, "made for \(threads) threads, not \(pool.threads)")
    let (sums, channels, rows) = (sums, channels, rows)
    pool.run { worker in
      let own = ChannelSums(totals: sums + worker * 2 * channels, channels: channels)
      own.totals.update(repeating: 0, count: 2 * channels)
      let source = source
      own.add(ThreadPool.share(of: rows, worker: worker, workers: pool.threads), of: source)
    }
    for worker in 1..<max(threads, 1) {
      for i in 0..<(2 * channels) { sums[i] += sums[worker * 2 * channels + i] }
    }
  }

  /// Runs one pass over all elements, a vector at a time.
  private func forEachVector(_ pass: some VectorPass, _ pool: ThreadPool) {
    let channels = channels
    pool.forEachShare(of: rows) { rows in
      // A copy of its own: through the closure's context the stores below might change it.
      let (pass, lanes) = (pass, Vector.scalarCount)
      var offset = rows.lowerBound &* channels
      for _ in rows {
        var c = 0
        while c &+ lanes <= channels {
          pass.apply(offset &+ c, c, AllLanes())
          c &+= lanes
        }
        if c < channels { pass.apply(offset &+ c, c, FirstLanes(count: channels &- c)) }
        offset &+= channels
      }
    }
  }

  /// Turns the sums into the batch's statistics and moves the running averages.
  private func takeStatistics(_ parameters: BatchNormParameters, epsilon: Float) {
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
    _ scaleGradient: UnsafeMutablePointer<Float>, _ offsetGradient: UnsafeMutablePointer<Float>,
    _ parameters: BatchNormParameters
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
      scaleGradient[c] = Float(byScale)
      offsetGradient[c] = Float(byOffset)
    }
  }
}
