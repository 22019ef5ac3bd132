/// The memory of one call of a convolution's backward-data; all tensors innermost dimension last.
public struct BackwardDataOperands {
  /// `N P Q K`: the loss's derivative by the output.
  public var outputGradient: UnsafePointer<Float>
  /// `K R S C`.
  public var filters: UnsafePointer<Float>
  /// `N H W C`: the loss's derivative by the input.
  public var inputGradient: UnsafeMutablePointer<Float>
  /// Whether the result is added to what `inputGradient` holds; otherwise it is overwritten.
  public var accumulates: Bool
  /// At least `workspaceCount` floats, aligned to 64 bytes; contents undefined before and after.
  public var workspace: UnsafeMutablePointer<Float>

  /// Names the memory of one call.
  public init(
    outputGradient: UnsafePointer<Float>, filters: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, accumulates: Bool = false,
    workspace: UnsafeMutablePointer<Float>
  ) {
    (self.outputGradient, self.filters) = (outputGradient, filters)
    (self.inputGradient, self.accumulates) = (inputGradient, accumulates)
    self.workspace = workspace
  }
}

/// The memory of one call of a convolution's backward-weights; all tensors innermost dimension last.
public struct BackwardWeightsOperands {
  /// `N H W C`: the input of the forward pass.
  public var input: UnsafePointer<Float>
  /// `N P Q K`: the loss's derivative by the output.
  public var outputGradient: UnsafePointer<Float>
  /// `K R S C`: the loss's derivative by the filters; overwritten.
  public var filterGradient: UnsafeMutablePointer<Float>
  /// At least `workspaceCount` floats, aligned to 64 bytes; contents undefined before and after.
  public var workspace: UnsafeMutablePointer<Float>

  /// Names the memory of one call.
  public init(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    filterGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    (self.input, self.outputGradient) = (input, outputGradient)
    (self.filterGradient, self.workspace) = (filterGradient, workspace)
  }
}

/// A convolution's backward-data.
public protocol CompiledBackwardData: CompiledPass {
  /// Computes the derivative of the loss by the input.
  func run(_ operands: BackwardDataOperands, pool: ThreadPool)
}

/// A convolution's backward-weights.
public protocol CompiledBackwardWeights: CompiledPass {
  /// Computes the derivative of the loss by the filters.
  func run(_ operands: BackwardWeightsOperands, pool: ThreadPool)
}

extension ConvAlgorithm {
  /// Whether this algorithm can compute backward-data of the shape.
  public func supportsBackwardData(_ shape: ConvShape) -> Bool {
    switch self {
    case .reference, .im2col, .direct, .depthwise: supportsBackwardWeights(shape)
    case .winograd2x3, .winograd4x3: WinogradBackwardData.supports(shape)
    }
  }

  /// Whether this algorithm can compute backward-weights of the shape.
  public func supportsBackwardWeights(_ shape: ConvShape) -> Bool {
    switch self {
    case .reference: true
    case .im2col, .direct: shape.isPlain
    case .depthwise: false
    case .winograd2x3, .winograd4x3: supports(shape)
    }
  }

  /// Fixes the partition of backward-data.
  ///
  /// - Parameters:
  ///   - shape: A forward shape whose backward-data this algorithm supports.
  ///   - threads: Threads of the pool that it will run on.
  /// - Returns: The gradient, ready to run any number of times.
  public func compileBackwardData(
    _ shape: ConvShape, threads: Int
  ) -> any CompiledBackwardData {
    precondition(supportsBackwardData(shape), "\(rawValue) has no backward-data of \(shape)")
    return switch self {
    case .reference, .depthwise: ReferenceBackwardData(shape)
    case .im2col: Im2colBackwardData(shape, threads: threads)
    case .direct: DirectBackwardData(shape, threads: threads)
    case .winograd2x3: WinogradBackwardData(.f2, shape, threads: threads)
    case .winograd4x3: WinogradBackwardData(.f4, shape, threads: threads)
    }
  }

  /// Fixes the partition of backward-weights.
  ///
  /// - Parameters:
  ///   - shape: A forward shape whose backward-weights this algorithm supports.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What block sizes and partitions follow from.
  /// - Returns: The gradient, ready to run any number of times.
  public func compileBackwardWeights(
    _ shape: ConvShape, threads: Int, caches: CacheSizes = .current
  ) -> any CompiledBackwardWeights {
    precondition(
      supportsBackwardWeights(shape), "\(rawValue) has no backward-weights of \(shape)")
    return switch self {
    case .reference, .depthwise: ReferenceBackwardWeights(shape)
    case .im2col: Im2colBackwardWeights(shape, threads: threads)
    case .direct: DirectBackwardWeights(shape, threads: threads, caches: caches)
    case .winograd2x3: WinogradBackwardWeights(.f2, shape, threads: threads, caches: caches)
    case .winograd4x3: WinogradBackwardWeights(.f4, shape, threads: threads, caches: caches)
    }
  }
}
