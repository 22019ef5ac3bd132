import Programs

/// How far outputs of external runtimes may be from ours, as a share of the largest one.
package enum PeerTolerance {
  /// Of float32: sums in another order, and the runtimes' own Winograd transforms.
  package static let float32 = 1e-3
  /// Beyond it a comparison would tell nothing; it is what networks whose answers rounding destroys have.
  package static let most = 0.5

  /// Of the same QDQ file: other software fuses other operators, so that it rounds some values once
  /// more, or not at all, or between two equally near bytes to the other one.
  ///
  /// No output follows from one rounding, so the bound comes from all of them at once. Let `u` be the
  /// outputs of the file with its values bounded as bytes are but not rounded, and `e` the distance of
  /// ours from them. Whoever rounds each value once at most is as far from `u` as we are, in another
  /// direction: `|theirs − ours| ≤ |theirs − u| + |u − ours| ≈ 2e`. Filters are the same everywhere.
  ///
  /// - Parameters:
  ///   - program: On bytes, after a run.
  ///   - unrounded: The same without roundings, after a run on the same items.
  /// - Returns: `2e` and what float32 sums add, `most` at most.
  package static func int8(of program: Program, beside unrounded: Program) -> Double {
    let moved = program.error(beside: unrounded)
    return moved.isFinite ? min(float32 + 2 * moved, most) : float32
  }

  /// Of bfloat16 beside float32, where every layer rounds what it reads and its filters.
  ///
  /// A number keeps 8 significant bits, so that a rounding is at most 2⁻⁸ of it, and in the mean square
  /// 2⁻⁸/√3. The `2L` roundings of `L` layers one after the other are independent and add as squares:
  /// three times their root is `3 · 2⁻⁸ · √(2L/3) = 2⁻⁸ · √(6L)`.
  ///
  /// - Parameter layers: Layers that multiply.
  /// - Returns: That, and what float32 sums add, `most` at most.
  package static func bf16(layers: Int) -> Double {
    min(float32 + 0x1p-8 * (6 * Double(layers)).squareRoot(), most)
  }
}
