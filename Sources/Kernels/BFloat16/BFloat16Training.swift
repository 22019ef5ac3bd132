import Tensors

/// Steps of training over bfloat16, element by element, in the pool's threads.
///
/// Arithmetic is that of float32 on the widened numbers, rounded once.
extension BFloat16Rows {
  /// Elements that are widened at a time: what fits the stack.
  private static let block = 128

  /// Multiplies the gradient by the derivative of ReLU, in place.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - output: What ReLU gave.
  ///   - gradient: The loss's derivative by the output, turned into that by the input.
  ///   - pool: Runs the work.
  public static func reluBackward(
    count: Int, output: UnsafePointer<BFloat16>, gradient: UnsafeMutablePointer<BFloat16>,
    pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      for i in items {
        gradient[i] = output[i].value > 0 ? gradient[i] : BFloat16(bits: 0)
      }
    }
  }

  /// A function of every element.
  ///
  /// - Parameters:
  ///   - function: One that gives floats of floats.
  ///   - count: Number of elements.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public static func apply(
    _ function: PointwiseFunction, count: Int, input: UnsafePointer<BFloat16>,
    output: UnsafeMutablePointer<BFloat16>, pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { buffer in
        guard let floats = buffer.baseAddress else { return }
        items.forEachBlock(of: block) { part in
          widen(input + part.lowerBound, count: part.count, to: floats)
          Elementwise.apply(
            function, rows: 1, columns: part.count, input: UnsafePointer(floats), output: floats,
            stride: part.count)
          round(UnsafePointer(floats), count: part.count, to: output + part.lowerBound)
        }
      }
    }
  }

  /// `inputGradient = outputGradient · GELU′(input)`, NaN kept.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - isByTanh: Whether GELU is the one that is written with tanh.
  ///   - input: What GELU read.
  ///   - outputGradient: The loss's derivative by the output; may be `inputGradient` itself.
  ///   - inputGradient: Overwritten.
  ///   - pool: Runs the work.
  public static func geluBackward(
    count: Int, isByTanh: Bool, input: UnsafePointer<BFloat16>,
    outputGradient: UnsafePointer<BFloat16>, inputGradient: UnsafeMutablePointer<BFloat16>,
    pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { first in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { second in
          guard let values = first.baseAddress, let slopes = second.baseAddress else { return }
          items.forEachBlock(of: block) { part in
            widen(input + part.lowerBound, count: part.count, to: values)
            widen(outputGradient + part.lowerBound, count: part.count, to: slopes)
            Activation.geluBackward(
              0..<part.count, isByTanh: isByTanh, input: UnsafePointer(values),
              outputGradient: UnsafePointer(slopes), inputGradient: slopes)
            round(UnsafePointer(slopes), count: part.count, to: inputGradient + part.lowerBound)
          }
        }
      }
    }
  }
}

extension Dropout {
  /// The same mask on bfloat16: `output[i] = keeps(first + i) ? input[i] / (1 - p) : 0`, rounded once.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - step: The training step; forward and backward of one step take the same.
  ///   - first: Index of the first element, where others of the same step lie elsewhere.
  ///   - pool: Runs the work.
  public func apply(
    count: Int, input: UnsafePointer<BFloat16>, output: UnsafeMutablePointer<BFloat16>,
    step: Int, first: Int = 0, pool: ThreadPool
  ) {
    let scale = scale
    pool.forEachShare(of: count, grain: 1024) { items in
      for i in items {
        output[i] =
          keeps(first + i, step: step) ? BFloat16(input[i].value * scale) : BFloat16(bits: 0)
      }
    }
  }
}

extension BiasGradient {
  /// `sums[c] = Σ over rows of gradient[row, c]` of a gradient in bfloat16: float64 sums, rounded once to
  /// float32.
  ///
  /// - Parameters:
  ///   - rows: Pixels of all images.
  ///   - channels: Elements of a row.
  ///   - gradient: `rows × channels`.
  ///   - sums: `channels` floats; overwritten.
  ///   - pool: Runs the work.
  public static func sum(
    rows: Int, channels: Int, _ gradient: UnsafePointer<BFloat16>,
    into sums: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let lanes = Vector.scalarCount
    pool.forEachShare(of: channels, grain: lanes) { share in
      for first in stride(from: share.lowerBound, to: share.upperBound, by: lanes) {
        let count = min(lanes, share.upperBound - first)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: lanes) { totals in
          totals.initialize(repeating: 0)
          for row in 0..<rows {
            let source = gradient + row * channels + first
            for lane in 0..<count { totals[lane] += Double(source[lane].value) }
          }
          for lane in 0..<count { sums[first + lane] = Float(totals[lane]) }
        }
      }
    }
  }
}
