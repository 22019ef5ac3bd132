/// The three small matrices of Winograd's algorithm `F(m, 3)` in one dimension.
///
/// `m` outputs of a filter of 3 taps come from `m + 2` products instead of `3 · m`:
/// `y = Aᵀ[(G g) ⊙ (Bᵀ d)]`. In two dimensions each matrix is applied to the columns, then to the
/// rows. Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
protocol WinogradTransform {
  /// Outputs in one dimension, `m`.
  static var outputs: Int { get }
  /// `G`: `m + 2` rows of 3.
  static var filterMatrix: [[Double]] { get }
  /// Applies `Bᵀ` to `m + 2` vectors.
  static func transformInput(load: (Int) -> Vector, store: (Int, Vector) -> Void)
  /// Applies `Aᵀ` to `m + 2` vectors, which leaves `m`.
  static func transformOutput(load: (Int) -> Vector, store: (Int, Vector) -> Void)
  /// Applies `A` to `m` vectors, which makes `m + 2`: the way of the output's gradient.
  static func transformGradient(load: (Int) -> Vector, store: (Int, Vector) -> Void)
  /// Applies `Gᵀ` to `m + 2` vectors, which leaves 3: the gradient by the taps.
  static func transformTaps(load: (Int) -> Vector, store: (Int, Vector) -> Void)
}

extension WinogradTransform {
  /// Inputs, and products, in one dimension.
  @inline(__always)
  static var inputs: Int { outputs &+ 2 }
}

/// The transforms of `F(2, 3)`, from the points 0, 1, −1 and ∞.
///
/// 2.25 times fewer products than the direct algorithm in two dimensions.
///
///          | 1  0 −1  0 |                              | 1   0   0  |
///     Bᵀ = | 0  1  1  0 |   Aᵀ = | 1  1  1  0 |   G =  | ½   ½   ½  |
///          | 0 −1  1  0 |        | 0  1 −1 −1 |        | ½  −½   ½  |
///          | 0  1  0 −1 |                              | 0   0   1  |
enum WinogradF2: WinogradTransform {
  @inline(__always)
  static var outputs: Int { 2 }

  static let filterMatrix: [[Double]] = [
    [1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1],
  ]

  @inline(__always)
  static func transformInput(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (d0, d1, d2, d3) = (load(0), load(1), load(2), load(3))
    store(0, d0 - d2)
    store(1, d1 + d2)
    store(2, d2 - d1)
    store(3, d1 - d3)
  }

  @inline(__always)
  static func transformOutput(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3) = (load(0), load(1), load(2), load(3))
    store(0, m0 + m1 + m2)
    store(1, m1 - m2 - m3)
  }

  @inline(__always)
  static func transformGradient(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (g0, g1) = (load(0), load(1))
    store(0, g0)
    store(1, g0 + g1)
    store(2, g0 - g1)
    store(3, -g1)
  }

  @inline(__always)
  static func transformTaps(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3) = (load(0), load(1), load(2), load(3))
    let half = Vector(repeating: 0.5)
    let (sum, difference) = ((m1 + m2) * half, (m1 - m2) * half)
    store(0, m0 + sum)
    store(1, difference)
    store(2, sum + m3)
  }
}

/// The transforms of `F(4, 3)`, from the points 0, 1, −1, 2, −2 and ∞.
///
/// 4 times fewer products than the direct algorithm in two dimensions, at the price of some bits.
///
///          | 4  0 −5  0  1  0 |                                    |  ¼     0    0  |
///          | 0 −4 −4  1  1  0 |        | 1  1  1  1  1  0 |        | −⅙    −⅙   −⅙  |
///     Bᵀ = | 0  4 −4 −1  1  0 |   Aᵀ = | 0  1 −1  2 −2  0 |   G =  | −⅙     ⅙   −⅙  |
///          | 0 −2 −1  2  1  0 |        | 0  1  1  4  4  0 |        | 1/24  1/12  ⅙  |
///          | 0  2 −1 −2  1  0 |        | 0  1 −1  8 −8  1 |        | 1/24 −1/12  ⅙  |
///          | 0  4  0 −5  0  1 |                                    |  0     0    1  |
enum WinogradF4: WinogradTransform {
  @inline(__always)
  static var outputs: Int { 4 }

  static let filterMatrix: [[Double]] = [
    [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
  ]

  @inline(__always)
  static func transformInput(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (d0, d1, d2, d3, d4, d5) = (load(0), load(1), load(2), load(3), load(4), load(5))
    let (two, four, minusFour, minusFive) = (
      Vector(repeating: 2), Vector(repeating: 4), Vector(repeating: -4), Vector(repeating: -5)
    )
    store(0, d4.addingProduct(d2, minusFive).addingProduct(d0, four))
    let (even, odd) = (d4.addingProduct(d2, minusFour), d3.addingProduct(d1, minusFour))
    store(1, even + odd)
    store(2, even - odd)
    let (near, far) = (d4 - d2, d3 - d1)
    store(3, near.addingProduct(far, two))
    store(4, near.addingProduct(far, -two))
    store(5, d5.addingProduct(d3, minusFive).addingProduct(d1, four))
  }

  @inline(__always)
  static func transformOutput(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3, m4, m5) = (load(0), load(1), load(2), load(3), load(4), load(5))
    let (sum, difference) = (m1 + m2, m1 - m2)
    let (outerSum, outerDifference) = (m3 + m4, m3 - m4)
    store(0, m0 + sum + outerSum)
    store(1, difference.addingProduct(outerDifference, Vector(repeating: 2)))
    store(2, sum.addingProduct(outerSum, Vector(repeating: 4)))
    store(3, (difference + m5).addingProduct(outerDifference, Vector(repeating: 8)))
  }

  @inline(__always)
  static func transformGradient(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (g0, g1, g2, g3) = (load(0), load(1), load(2), load(3))
    let (even, odd) = (g0 + g2, g1 + g3)
    store(0, g0)
    store(1, even + odd)
    store(2, even - odd)
    let far = g0.addingProduct(g2, Vector(repeating: 4))
    let near = g1.addingProduct(g3, Vector(repeating: 4))
    store(3, far.addingProduct(near, Vector(repeating: 2)))
    store(4, far.addingProduct(near, Vector(repeating: -2)))
    store(5, g3)
  }

  @inline(__always)
  static func transformTaps(load: (Int) -> Vector, store: (Int, Vector) -> Void) {
    let (m0, m1, m2, m3, m4, m5) = (load(0), load(1), load(2), load(3), load(4), load(5))
    let (sum, difference) = (m1 + m2, m2 - m1)
    let (outerSum, outerDifference) = (m3 + m4, m3 - m4)
    let (quarter, sixth, twelfth) = (
      Vector(repeating: 1 / 4), Vector(repeating: 1 / 6), Vector(repeating: 1 / 12)
    )
    store(0, (m0 * quarter).addingProduct(sum, -sixth).addingProduct(outerSum, quarter * sixth))
    store(1, (difference * sixth).addingProduct(outerDifference, twelfth))
    store(2, m5.addingProduct(outerSum - sum, sixth))
  }
}
