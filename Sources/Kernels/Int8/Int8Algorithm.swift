import Tensors

/// A way to compute a convolution of u8 activations with s8 filters; every one of them gives the
/// bits of the reference.
public enum Int8Algorithm: String, CaseIterable, Sendable, Codable {
  /// Plain loops over integers: the specification that the others are compared with.
  case reference = "conv.i8.reference"
  /// The register tile with `vpdpbusd` on 512 bits.
  case vnni512 = "conv.i8.vnni512"
  /// The register tile with AVX-VNNI's `vpdpbusd` on 256 bits.
  case vnni256 = "conv.i8.vnni256"
  /// The register tile with `vpmaddwd` on 512 bits: bytes are widened to 16 bits, weights when they are
  /// packed, so nothing saturates.
  case avx512 = "conv.i8.avx512"
  /// The register tile with `vpmaddwd` on 256 bits: bytes are widened to 16 bits, weights when they are
  /// packed, so nothing saturates.
  case avx2 = "conv.i8.avx2"
  /// The register tile on a CPU for which none of these was built.
  case portable = "conv.i8.portable"
  /// The register tile with `vpmaddubsw`, which adds pairs of products in 16 bits: for filters with
  /// which no pair can saturate, as those of 7 bits are.
  case pairs = "conv.i8.pairs"
  /// Winograd's `F(2x2, 3x3)` in 16 bits, with 2.25 times fewer products: for 3x3 windows of stride 1,
  /// and filters with which four times no sum leaves 32 bits.
  case winograd2x3 = "conv.i8.winograd2x3"
  /// Vector lanes over channels that have a filter each.
  case depthwise = "conv.i8.depthwise"
}

/// The filters of one convolution of bytes.
public struct Int8Filters {
  /// `K R S C/groups`, zero point 0.
  public var weights: UnsafePointer<Int8>
  /// The scale of each of the `K` filters, normal and above 0.
  public var scales: UnsafePointer<Float>
  /// `K` numbers in steps of `s_input · s_filter[k]`, zero point 0; nil for zeros.
  public var bias: UnsafePointer<Int32>?

  /// Names the memory, which is copied and may be released after `compile`.
  public init(
    weights: UnsafePointer<Int8>, scales: UnsafePointer<Float>, bias: UnsafePointer<Int32>? = nil
  ) {
    (self.weights, self.scales, self.bias) = (weights, scales, bias)
  }
}

/// One convolution's memory for one call; all tensors innermost dimension last.
public struct Int8Operands {
  /// `N H W C`.
  public var input: UnsafePointer<UInt8>
  /// `N P Q K`, read where the epilogue adds a residual; may be the output itself.
  public var residual: UnsafePointer<UInt8>?
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
    input: UnsafePointer<UInt8>, residual: UnsafePointer<UInt8>? = nil,
    output: UnsafeMutableRawPointer, pitch: Int? = nil, workspace: UnsafeMutableRawPointer,
    upcoming: UnsafeRawBufferPointer? = nil
  ) {
    (self.input, self.residual, self.output) = (input, residual, output)
    (self.pitch, self.workspace, self.upcoming) = (pitch, workspace, upcoming)
  }
}

/// A convolution of bytes with its filters packed, epilogue and thread partition fixed.
///
/// A fully connected layer is one of `N` images of 1 × 1, and a product of matrices is that too.
/// `run` allocates nothing and gives the same bits on any number of threads.
public protocol CompiledInt8Convolution: AnyObject, Sendable {
  /// The shape of the convolution.
  var shape: ConvShape { get }
  /// How it is computed.
  var algorithm: Int8Algorithm { get }
  /// What becomes of the sums.
  var epilogue: Int8Epilogue { get }
  /// Bytes of workspace that `run` needs.
  var workspaceByteCount: Int { get }
  /// The filters as `run` reads them, where they lie in one piece.
  var filterMemory: UnsafeRawBufferPointer? { get }
  /// What the algorithm multiplies and adds; the definition has `shape.macs.integerOperations`.
  var executedOperations: IntegerOperations { get }
  /// Computes `output = epilogue(bias + conv(input − zeroPoint, weights))`.
  ///
  /// - Parameters:
  ///   - operands: The memory.
  ///   - pool: As many threads as it was compiled for.
  func run(_ operands: Int8Operands, pool: ThreadPool)
}

extension CompiledInt8Convolution {
  /// Nothing that could be fetched ahead.
  public var filterMemory: UnsafeRawBufferPointer? { nil }
  /// As many as the definition has.
  public var executedOperations: IntegerOperations { shape.macs.integerOperations }
}
