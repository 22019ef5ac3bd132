#if COSTCURVE_AVX512
  /// Half as many float64 lanes as a `Vector` has, which fill one register.
  typealias WideHalf = SIMD8<Double>
  /// The same number of float32 lanes.
  typealias NarrowHalf = SIMD8<Float>
#elseif arch(arm64)
  /// Half as many float64 lanes as a `Vector` has, which fill one register.
  typealias WideHalf = SIMD2<Double>
  /// The same number of float32 lanes.
  typealias NarrowHalf = SIMD2<Float>
#else
  /// Half as many float64 lanes as a `Vector` has, which fill one register.
  typealias WideHalf = SIMD4<Double>
  /// The same number of float32 lanes.
  typealias NarrowHalf = SIMD4<Float>
#endif
