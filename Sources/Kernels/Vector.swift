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

  #if COSTCURVE_AVX512 || arch(arm64)
    /// Vector registers that the instruction set names.
    public static let registers = 32
  #else
    /// Vector registers that the instruction set names.
    public static let registers = 16
  #endif
}

extension Vector {
  /// Reads a vector; `p` needs the alignment of a float only.
  @inlinable @inline(__always)
  static func load(_ p: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
  }

  /// Writes the vector; `p` needs the alignment of a float only.
  @inlinable @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: self, as: Vector.self)
  }

  /// The vector with negative lanes replaced by 0, a NaN kept: one `max` instruction.
  ///
  /// The shape of the expression matters: `replacing(with: 0, where: v .< 0)`, and whatever
  /// assigns in place, is taken apart lane by lane for 16 lanes.
  @inlinable @inline(__always)
  func rectified() -> Vector { Vector.zero.replacing(with: self, where: .!(self .< Vector.zero)) }
}
