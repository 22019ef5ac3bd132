/// Element-wise steps over tensors of any shape, in the pool's threads.
///
/// These are for where nothing else passes over the memory anyway: convolution and batch
/// normalisation take ReLU and the residual into their own last pass.
public enum Activation {
  /// Elements that stay together: a page of floats.
  static let grain = 1024

  /// `output = max(input, 0)`, NaN kept.
  ///
  /// - Parameters:
  ///   - count: Number of floats.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public static func relu(
    count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      for i in items { output[i] = input[i] < 0 ? 0 : input[i] }
    }
  }

  /// Multiplies the gradient by the derivative of ReLU, in place.
  ///
  /// - Parameters:
  ///   - count: Number of floats.
  ///   - output: What ReLU gave; its input serves as well.
  ///   - gradient: The loss's derivative by the output, turned into that by the input.
  ///   - pool: Runs the work.
  public static func reluBackward(
    count: Int, output: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      for i in items { gradient[i] = output[i] > 0 ? gradient[i] : 0 }
    }
  }

  /// `target += addend`, for gradients that meet where a network branched.
  ///
  /// - Parameters:
  ///   - count: Number of floats.
  ///   - addend: May be `target` itself.
  ///   - target: Updated.
  ///   - pool: Runs the work.
  public static func add(
    count: Int, addend: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      for i in items { target[i] += addend[i] }
    }
  }
}
