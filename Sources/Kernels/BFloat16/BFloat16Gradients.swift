import Tensors

/// The memory of one call of backward-data in bfloat16; all tensors innermost dimension last.
public struct BFloat16BackwardDataOperands {
  /// `N P Q K`, no number subnormal: the loss's derivative by the output.
  public var outputGradient: UnsafePointer<BFloat16>
  /// `K R S C` floats, finite; rounded to bfloat16 on the way.
  public var filters: UnsafePointer<Float>
  /// `N H W C` of the type that it was compiled for: the loss's derivative by the input.
  public var inputGradient: UnsafeMutableRawPointer
  /// At least `workspaceByteCount` bytes, aligned to 64; contents undefined before and after.
  public var workspace: UnsafeMutableRawPointer

  /// Names the memory of one call.
  public init(
    outputGradient: UnsafePointer<BFloat16>, filters: UnsafePointer<Float>,
    inputGradient: UnsafeMutableRawPointer, workspace: UnsafeMutableRawPointer
  ) {
    (self.outputGradient, self.filters) = (outputGradient, filters)
    (self.inputGradient, self.workspace) = (inputGradient, workspace)
  }
}

/// The memory of one call of backward-weights in bfloat16; all tensors innermost dimension last.
public struct BFloat16BackwardWeightsOperands {
  /// `N H W C`, no number subnormal: the input of the forward pass.
  public var input: UnsafePointer<BFloat16>
  /// `N P Q K`, no number subnormal: the loss's derivative by the output.
  public var outputGradient: UnsafePointer<BFloat16>
  /// `K R S C` floats: the loss's derivative by the filters; overwritten.
  public var filterGradient: UnsafeMutablePointer<Float>
  /// At least `workspaceByteCount` bytes, aligned to 64; contents undefined before and after.
  public var workspace: UnsafeMutableRawPointer

  /// Names the memory of one call.
  public init(
    input: UnsafePointer<BFloat16>, outputGradient: UnsafePointer<BFloat16>,
    filterGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutableRawPointer
  ) {
    (self.input, self.outputGradient) = (input, outputGradient)
    (self.filterGradient, self.workspace) = (filterGradient, workspace)
  }
}

/// A backward pass over a convolution of bfloat16, compiled for one shape and one number of threads.
///
/// Products are those of bfloat16, sums are float32. `run` allocates nothing, and gives the same bits
/// each time on the same number of threads.
public protocol CompiledBFloat16Pass: AnyObject, Sendable {
  /// The shape of the forward convolution.
  var shape: ConvShape { get }
  /// How it is computed.
  var algorithm: BFloat16Algorithm { get }
  /// Bytes of workspace that `run` needs.
  var workspaceByteCount: Int { get }
  /// What is really multiplied and added; the direct count is `shape.macs.flops`.
  var executedFLOPs: FLOPs { get }
}

extension CompiledBFloat16Pass {
  /// As many as the definition has.
  public var executedFLOPs: FLOPs { shape.macs.flops }
}

/// Backward-data of a convolution of bfloat16.
public protocol CompiledBFloat16BackwardData: CompiledBFloat16Pass {
  /// Computes the derivative of the loss by the input, or adds it to what is there.
  func run(_ operands: BFloat16BackwardDataOperands, pool: ThreadPool)
}

/// Backward-weights of a convolution of bfloat16.
public protocol CompiledBFloat16BackwardWeights: CompiledBFloat16Pass {
  /// Computes the derivative of the loss by the filters.
  func run(_ operands: BFloat16BackwardWeightsOperands, pool: ThreadPool)
}

extension BFloat16Algorithm {
  /// Whether it can compute both gradients of a shape: the reference those of any.
  public func supportsGradients(_ shape: ConvShape) -> Bool { self == .reference || shape.isPlain }

  /// Fixes the partition of backward-data.
  ///
  /// - Parameters:
  ///   - shape: A forward shape whose gradients this algorithm supports.
  ///   - output: The type of the input's gradient: bf16, rounded once, or f32.
  ///   - accumulates: Whether the result is added to what is there.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What block sizes follow from.
  /// - Returns: The gradient, ready to run any number of times.
  package func compileBackwardData(
    _ shape: ConvShape, output: DType, accumulates: Bool, threads: Int,
    caches: CacheSizes = .current
  ) -> any CompiledBFloat16BackwardData {
    precondition(
      isBuilt && supportsGradients(shape), "\(rawValue) has no backward-data of \(shape)")
    precondition(output == .bf16 || output == .f32, "a gradient of \(output)")
    return self == .reference
      ? BFloat16ReferenceBackwardData(shape, output: output, accumulates: accumulates)
      : BFloat16DirectBackwardData(
        shape, output: output, accumulates: accumulates, threads: threads, caches: caches)
  }

  /// Fixes the partition of backward-weights.
  ///
  /// - Parameters:
  ///   - shape: A forward shape whose gradients this algorithm supports.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What block sizes and partitions follow from.
  /// - Returns: The gradient, ready to run any number of times.
  package func compileBackwardWeights(
    _ shape: ConvShape, threads: Int, caches: CacheSizes = .current
  ) -> any CompiledBFloat16BackwardWeights {
    precondition(
      isBuilt && supportsGradients(shape), "\(rawValue) has no backward-weights of \(shape)")
    return self == .reference
      ? BFloat16ReferenceBackwardWeights(shape)
      : BFloat16DirectBackwardWeights(shape, threads: threads, caches: caches)
  }
}
