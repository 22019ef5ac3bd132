#if COSTCURVE_AVX512
  /// The widest vector of floats that this build's instruction set holds in one register.
  public typealias Vector = SIMD16<Float>
#elseif arch(arm64)
  /// The widest vector of floats that this build's instruction set holds in one register.
  public typealias Vector = SIMD4<Float>
#else
  /// The widest vector of floats that this build's instruction set holds in one register.
  public typealias Vector = SIMD8<Float>
#endif

/// What the register file of the instruction set allows: the constants all kernels are sized by.
public enum VectorUnit {
  /// Floats in a `Vector`.
  public static let lanes = Vector.scalarCount
  /// Vector registers that the instruction set names.
  #if COSTCURVE_AVX512 || arch(arm64)
    public static let registers = 32
  #else
    public static let registers = 16
  #endif
}

extension Vector {
  /// Reads a vector; `p` needs the alignment of a float only.
  @inlinable @inline(__always)
  static func load(_ p: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
  }

  /// Reads a vector; `p` needs the alignment of a float only.
  @inlinable @inline(__always)
  static func load(_ p: UnsafeMutablePointer<Float>) -> Vector {
    UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
  }

  /// Writes the vector; `p` needs the alignment of a float only.
  @inlinable @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: self, as: Vector.self)
  }

  /// The vector with negative lanes replaced by 0; a NaN stays one. One `max` instruction.
  @inlinable @inline(__always)
  func rectified() -> Vector { replacing(with: 0, where: self .< 0) }
}
