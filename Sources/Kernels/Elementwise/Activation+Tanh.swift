import Glibc

/// `tanh`, which ends a head whose answer lies between −1 and 1.
///
/// Error: that of the C library's `tanhf`, below 2 units in the last place. It is for the few
/// numbers that such a head gives; nothing here is written for many.
extension Activation {
  /// `output = tanh(input)`, NaN kept.
  ///
  /// - Parameters:
  ///   - count: Number of floats.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public static func tanh(
    count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      for i in items { output[i] = tanhf(input[i]) }
    }
  }

  /// `inputGradient = outputGradient · (1 − output²)`.
  ///
  /// - Parameters:
  ///   - count: Number of floats.
  ///   - output: What `tanh` gave.
  ///   - outputGradient: The loss's derivative by the output; may be `inputGradient` itself.
  ///   - inputGradient: Overwritten.
  ///   - pool: Runs the work.
  public static func tanhBackward(
    count: Int, output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      for i in items { inputGradient[i] = outputGradient[i] * (1 - output[i] * output[i]) }
    }
  }
}
