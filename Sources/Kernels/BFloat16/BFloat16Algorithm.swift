import Tensors

/// A way to compute a convolution of bfloat16 activations and filters with sums in float32.
///
/// All but the reference add up in float32, in an order of their own: with `n` products a sum is, to
/// first order, within `2 · (n + 2) · 2⁻²⁴ · S + 2 · n · 2⁻¹²⁶` of the exact one, `S` being the sum of
/// the magnitudes of products, bias and residual. For every product and every addition rounds once at
/// most, and what is subnormal may count as zero. Whole numbers are exact while sums have 24 bits.
public enum BFloat16Algorithm: String, CaseIterable, Sendable, Codable {
  /// Plain loops in float64: the specification that the others are compared with.
  case reference = "conv.bf16.reference"
  /// The register tile with `vdpbf16ps` on 512 bits.
  case dot512 = "conv.bf16.dot512"
  /// The register tile with pairs that are widened to float32 in registers, on 512 bits.
  case widened512 = "conv.bf16.widened512"
  /// The same on 256 bits.
  case widened256 = "conv.bf16.widened256"
  /// The same on a CPU for which none of these was built.
  case portable = "conv.bf16.portable"

  /// The register tile of this build, which takes every shape.
  public static var tile: BFloat16Algorithm {
    #if COSTCURVE_AVX512 && COSTCURVE_BF16
      .dot512
    #elseif COSTCURVE_AVX512
      .widened512
    #elseif COSTCURVE_AVX2
      .widened256
    #else
      .portable
    #endif
  }

  /// Whether this build has it.
  public var isBuilt: Bool { self == .reference || self == .tile }

  /// Packs the filters and fixes the partition.
  ///
  /// - Parameters:
  ///   - shape: Any shape.
  ///   - filters: Copied, may be released afterwards.
  ///   - epilogue: What becomes of the sums.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What block sizes follow from.
  /// - Returns: The convolution, ready to run any number of times.
  public func compile(
    _ shape: ConvShape, filters: BFloat16Filters, epilogue: BFloat16Epilogue, threads: Int,
    caches: CacheSizes = .current
  ) -> any CompiledBFloat16Convolution {
    precondition(isBuilt, "\(rawValue) is not in this build")
    return self == .reference
      ? BFloat16Reference(shape, filters: filters, epilogue: epilogue)
      : BFloat16Direct(
        shape, filters: filters, epilogue: epilogue, threads: threads, caches: caches)
  }

  /// The same for filters that change: they are rounded here, and as often as `load` is called.
  ///
  /// - Parameters:
  ///   - shape: Any shape.
  ///   - weights: `K R S C/groups` floats; copied.
  ///   - bias: `K` floats, or nil for none; copied.
  ///   - epilogue: What becomes of the sums.
  ///   - threads: Threads of the pool that it will run on.
  /// - Returns: The convolution, ready to run any number of times.
  public func compile(
    _ shape: ConvShape, rounding weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    epilogue: BFloat16Epilogue, threads: Int
  ) -> any CompiledBFloat16Convolution {
    precondition(isBuilt, "\(rawValue) is not in this build")
    let convolution: any CompiledBFloat16Convolution =
      self == .reference
      ? BFloat16Reference(shape, filters: nil, epilogue: epilogue)
      : BFloat16Direct(shape, filters: nil, epilogue: epilogue, threads: threads)
    convolution.load(weights: weights, bias: bias, pool: .alone)
    return convolution
  }
}

/// The filters of one convolution of bfloat16.
public struct BFloat16Filters {
  /// `K R S C/groups`, finite.
  public var weights: UnsafePointer<BFloat16>
  /// `K` numbers; nil for zeros.
  public var bias: UnsafePointer<Float>?

  /// Names the memory, which is copied and may be released after `compile`.
  public init(weights: UnsafePointer<BFloat16>, bias: UnsafePointer<Float>? = nil) {
    (self.weights, self.bias) = (weights, bias)
  }
}

/// What happens to the float32 sums of a convolution before they are stored, in this order.
public struct BFloat16Epilogue: Hashable, Sendable {
  /// The type of a tensor of the output's shape that is added, bf16 or f32; nil for none.
  package var residual: DType?
  /// The function of what there is then; one that gives floats of floats, nil for none.
  package var activation: PointwiseFunction?
  /// The type of what is stored: bf16, rounded once, or f32.
  package var output: DType

  /// Makes an epilogue; the bias is always added first.
  package init(
    residual: DType? = nil, activation: PointwiseFunction? = nil, output: DType = .bf16
  ) {
    let types: Set<DType> = [.bf16, .f32]
    precondition(types.contains(output) && types.contains(residual ?? .f32), "no such type")
    (self.residual, self.activation, self.output) = (residual, activation, output)
  }
}

/// One convolution's memory for one call; all tensors innermost dimension last.
public struct BFloat16Operands {
  /// `N H W C`, no number subnormal.
  public var input: UnsafePointer<BFloat16>
  /// `N P Q K` of the epilogue's type, where it adds a residual; may be the output itself.
  public var residual: UnsafeRawPointer?
  /// `N P Q K` of the epilogue's type.
  public var output: UnsafeMutableRawPointer
  /// Elements from a pixel of output and residual to the next, `K` or more; nil for `K`.
  public var pitch: Int?
  /// At least `workspaceByteCount` bytes, aligned to 64; contents undefined before and after.
  public var workspace: UnsafeMutableRawPointer
  /// What is read after this call, such as the next layer's filters, if that is known: a hint.
  public var upcoming: UnsafeRawBufferPointer?

  /// Names the memory of one call.
  public init(
    input: UnsafePointer<BFloat16>, residual: UnsafeRawPointer? = nil,
    output: UnsafeMutableRawPointer, pitch: Int? = nil, workspace: UnsafeMutableRawPointer,
    upcoming: UnsafeRawBufferPointer? = nil
  ) {
    (self.input, self.residual, self.output) = (input, residual, output)
    (self.pitch, self.workspace, self.upcoming) = (pitch, workspace, upcoming)
  }
}

/// A convolution of bfloat16 with its filters packed, epilogue and thread partition fixed.
///
/// A fully connected layer is one of `N` images of 1 × 1, and a product of matrices is that too.
/// `run` allocates nothing and gives the same bits on any number of threads.
public protocol CompiledBFloat16Convolution: AnyObject, Sendable {
  /// The shape of the convolution.
  var shape: ConvShape { get }
  /// How it is computed.
  var algorithm: BFloat16Algorithm { get }
  /// What becomes of the sums.
  var epilogue: BFloat16Epilogue { get }
  /// Bytes of workspace that `run` needs.
  var workspaceByteCount: Int { get }
  /// The filters as `run` reads them, where they lie in one piece.
  var filterMemory: UnsafeRawBufferPointer? { get }
  /// Computes `output = epilogue(bias + conv(input, weights))`.
  ///
  /// - Parameters:
  ///   - operands: The memory.
  ///   - pool: As many threads as it was compiled for.
  func run(_ operands: BFloat16Operands, pool: ThreadPool)
  /// Replaces the filters and bias, as training does at each step; allocates nothing.
  ///
  /// - Parameters:
  ///   - weights: `K R S C/groups` floats, each rounded once; copied, may be released afterwards.
  ///   - bias: `K` floats, or nil for none; copied.
  ///   - pool: Runs the packing.
  func load(weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool)
}

extension CompiledBFloat16Convolution {
  /// Nothing that could be fetched ahead.
  public var filterMemory: UnsafeRawBufferPointer? { nil }
  /// As many operations as the definition has.
  public var executedFLOPs: FLOPs { shape.macs.flops }
}
