extension Int8Algorithm {
  /// The register tile of this build, which takes every shape and all weights.
  public static var tile: Int8Algorithm {
    #if COSTCURVE_AVX512 && COSTCURVE_VNNI
      .vnni512
    #elseif COSTCURVE_AVX512
      .avx512
    #elseif COSTCURVE_AVX2 && COSTCURVE_AVXVNNI
      .vnni256
    #elseif COSTCURVE_AVX2
      .avx2
    #else
      .portable
    #endif
  }

  /// Whether this build has it.
  public var isBuilt: Bool {
    switch self {
    case .reference, .depthwise, .winograd2x3: true
    case .pairs: ProductPairs.areBuilt
    case .vnni512, .vnni256, .avx512, .avx2, .portable: self == .tile
    }
  }

  /// Whether it computes a convolution, with all bytes and these weights.
  ///
  /// - Parameters:
  ///   - shape: Any shape.
  ///   - weights: `K R S C/groups`.
  /// - Returns: False also for what this build has not.
  public func supports(_ shape: ConvShape, weights: UnsafePointer<Int8>) -> Bool {
    guard isBuilt else { return false }
    // Which weights are neighbours follows from how the depth is cut into words.
    let depth = WordDepth(shape, elements: PairDot.elements)
    return switch self {
    case .depthwise: shape.isDepthwise
    case .pairs:
      ProductPairs.areExact(weights, rows: shape.K * depth.taps, channels: depth.channels)
    case .winograd2x3: Int8Winograd.supports(shape, weights: weights)
    case .reference, .vnni512, .vnni256, .avx512, .avx2, .portable: true
    }
  }

  /// The own algorithm that is expected to be fastest.
  ///
  /// - Parameters:
  ///   - shape: The layer.
  ///   - weights: `K R S C/groups`.
  ///   - allowsWinograd: False leaves only algorithms that do direct multiplications.
  /// - Returns: An algorithm that supports both.
  public static func native(
    _ shape: ConvShape, weights: UnsafePointer<Int8>, allowsWinograd: Bool = true
  ) -> Int8Algorithm {
    if shape.isDepthwise { return .depthwise }
    let isOfPairs = Int8Algorithm.pairs.supports(shape, weights: weights)
    if allowsWinograd, Int8Winograd.isFaster(shape, thanPairs: isOfPairs),
      Int8Algorithm.winograd2x3.supports(shape, weights: weights)
    {
      return .winograd2x3
    }
    return isOfPairs ? .pairs : .tile
  }

  /// Packs the filters and fixes the partition.
  ///
  /// - Parameters:
  ///   - shape: A shape that this algorithm supports.
  ///   - input: What the bytes of the input stand for.
  ///   - filters: Copied, may be released afterwards.
  ///   - epilogue: What becomes of the sums.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What block sizes follow from.
  /// - Returns: The convolution, ready to run any number of times.
  public func compile(
    _ shape: ConvShape, input: Quantization, filters: Int8Filters, epilogue: Int8Epilogue,
    threads: Int, caches: CacheSizes = .current
  ) -> any CompiledInt8Convolution {
    precondition(
      supports(shape, weights: filters.weights), "\(rawValue) does not support \(shape)")
    return switch self {
    case .reference:
      Int8Reference(shape, input: input, filters: filters, epilogue: epilogue)
    case .depthwise:
      Int8Depthwise(
        shape, input: input, filters: filters, epilogue: epilogue, threads: threads)
    case .winograd2x3:
      Int8Winograd(
        shape, input: input, filters: filters, epilogue: epilogue, threads: threads,
        caches: caches)
    case .vnni512, .vnni256, .avx512, .avx2, .portable, .pairs:
      Int8Direct(
        shape, input: input, filters: filters, epilogue: epilogue, algorithm: self,
        threads: threads, caches: caches)
    }
  }
}
