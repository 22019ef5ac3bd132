/// A way to compute a convolution; a value that plans, tables and case ids can hold.
public enum ConvAlgorithm: String, CaseIterable, Sendable, Codable {
  /// Plain loops with float64 sums: the specification that the others are held to.
  case reference = "conv.f32.reference"
  /// Lowering to a matrix and OpenBLAS's `sgemm`; a 1x1 stride-1 layer needs no lowering.
  case im2col = "conv.f32.im2col"
  /// The register tile over the input where it lies; see `ConvDirect`.
  case direct = "conv.f32.direct"
  /// Vector lanes over channels that have a filter each; see `ConvDepthwise`.
  case depthwise = "conv.f32.depthwise"
  /// Winograd's `F(2x2, 3x3)`: 2.25 times fewer products, for 3x3 windows of stride 1.
  case winograd2x3 = "conv.f32.winograd2x3"
  /// Winograd's `F(4x4, 3x3)`: 4 times fewer products, for 3x3 windows of stride 1.
  case winograd4x3 = "conv.f32.winograd4x3"
}

/// What happens to a convolution's sums before they are stored, in this order.
public struct Epilogue: Hashable, Sendable {
  /// Adds a tensor of the output's shape.
  public var addsResidual: Bool
  /// The function of what there is then; one that gives floats of floats, nil for none.
  public var activation: PointwiseFunction?

  /// Makes an epilogue; the bias is always added first.
  public init(addsResidual: Bool = false, activation: PointwiseFunction? = nil) {
    (self.addsResidual, self.activation) = (addsResidual, activation)
  }

  /// Whether the activation is ReLU, which every kernel does as it stores.
  package var appliesReLU: Bool { if case .relu? = activation { true } else { false } }

  /// An activation other than ReLU; nil where there is none.
  package var function: PointwiseFunction? { appliesReLU ? nil : activation }
}

/// One convolution's memory for one call; all tensors innermost dimension last.
public struct ConvOperands {
  /// `N H W C`.
  public var input: UnsafePointer<Float>
  /// `N P Q K`, read when the epilogue adds a residual; may be the output itself.
  public var residual: UnsafePointer<Float>?
  /// `N P Q K`.
  public var output: UnsafeMutablePointer<Float>
  /// Floats from a pixel of output and residual to the next, `K` or more; nil for `K`.
  public var pitch: Int?
  /// At least `workspaceCount` floats, aligned to 64 bytes; contents undefined before and after.
  public var workspace: UnsafeMutablePointer<Float>
  /// What is read after this call, such as the next layer's filters, if that is known.
  ///
  /// Only a hint: direct convolution asks for it line by line while it multiplies; the other
  /// algorithms leave it alone.
  public var upcoming: UnsafeRawBufferPointer?

  /// Names the memory of one call.
  public init(
    input: UnsafePointer<Float>, residual: UnsafePointer<Float>? = nil,
    output: UnsafeMutablePointer<Float>, pitch: Int? = nil,
    workspace: UnsafeMutablePointer<Float>,
    upcoming: UnsafeRawBufferPointer? = nil
  ) {
    (self.input, self.residual, self.upcoming) = (input, residual, upcoming)
    (self.output, self.pitch, self.workspace) = (output, pitch, workspace)
  }
}

/// A pass over a convolution, compiled for one shape and one number of threads.
///
/// Made once, before anything is timed; `run` allocates nothing, and is deterministic for a fixed
/// number of threads.
public protocol CompiledPass: AnyObject, Sendable {
  /// The shape of the forward convolution.
  var shape: ConvShape { get }
  /// Floats of workspace that `run` needs.
  var workspaceCount: Int { get }
  /// What this algorithm really multiplies and adds; the direct count is `shape.macs.flops`.
  var executedFLOPs: FLOPs { get }
}

extension CompiledPass {
  /// As many as the definition has.
  public var executedFLOPs: FLOPs { shape.macs.flops }
}

/// A convolution with its filters packed, epilogue and thread partition fixed.
public protocol CompiledConvolution: CompiledPass {
  /// The filters as `run` reads them, where they lie in one piece.
  var filterMemory: UnsafeRawBufferPointer? { get }
  /// Computes `output = epilogue(conv(input, filters) + bias)`.
  func run(_ operands: ConvOperands, pool: ThreadPool)
  /// Replaces the filters and bias, as training does at each step; allocates nothing.
  ///
  /// - Parameters:
  ///   - filters: `K R S C` floats; copied, may be released afterwards.
  ///   - bias: `K` floats, or nil for none; copied.
  ///   - pool: Runs the packing.
  func load(filters: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool)
  /// The same filters, where they lie, over another number of pixels.
  ///
  /// - Parameters:
  ///   - shape: Differs in images and their sides alone.
  ///   - threads: Threads of the pool that it will run on.
  /// - Returns: nil where the filters cannot be shared.
  func resized(to shape: ConvShape, threads: Int) -> (any CompiledConvolution)?
}

extension CompiledConvolution {
  /// Nothing that could be fetched ahead.
  public var filterMemory: UnsafeRawBufferPointer? { nil }
  /// Nothing that could be shared.
  public func resized(to shape: ConvShape, threads: Int) -> (any CompiledConvolution)? { nil }
}

extension ConvAlgorithm {
  /// Whether this algorithm can compute the shape.
  public func supports(_ shape: ConvShape) -> Bool {
    switch self {
    case .reference, .direct: true
    case .im2col: shape.isPlain
    case .depthwise: shape.isDepthwise
    case .winograd2x3, .winograd4x3: Winograd.supports(shape)
    }
  }

  /// Whether small whole numbers must give the oracle's bits.
  ///
  /// Direct algorithms add exact products in float32, so any order gives the same sum; Winograd's
  /// transforms round.
  package var isExactOnIntegers: Bool {
    switch self {
    case .reference, .im2col, .direct, .depthwise: true
    case .winograd2x3, .winograd4x3: false
    }
  }

  /// Packs the filters and fixes the partition.
  ///
  /// - Parameters:
  ///   - shape: A shape that this algorithm supports.
  ///   - filters: `K R S C` floats; copied, may be released afterwards.
  ///   - bias: `K` floats, or nil for none; copied.
  ///   - epilogue: What is done to the sums before the store.
  ///   - threads: Threads of the pool that it will run on.
  /// - Returns: The convolution, ready to run any number of times.
  public func compile(
    _ shape: ConvShape, filters: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    epilogue: Epilogue = Epilogue(), threads: Int
  ) -> any CompiledConvolution {
    precondition(supports(shape), "\(rawValue) does not support \(shape)")
    let convolution: any CompiledConvolution =
      switch self {
      case .reference: ConvReference(shape, epilogue: epilogue, threads: threads)
      case .im2col: ConvIm2col(shape, epilogue: epilogue, threads: threads)
      case .direct: ConvDirect(shape, epilogue: epilogue, threads: threads)
      case .depthwise: ConvDepthwise(shape, epilogue: epilogue)
      case .winograd2x3: Winograd(.f2, shape, epilogue: epilogue, threads: threads)
      case .winograd4x3: Winograd(.f4, shape, epilogue: epilogue, threads: threads)
      }
    convolution.load(filters: filters, bias: bias, pool: .alone)
    return convolution
  }
}
