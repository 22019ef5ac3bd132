import Basics
import Tensors

/// What a unit of a program has given: rows of elements, which may be a part of wider ones.
struct UnitOutput {
  /// The type of the elements.
  var element: DType
  /// Rows, and elements of each.
  var rows: Int
  var width: Int
  /// Elements from a row to the next.
  var pitch: Int
  /// The first byte.
  var start: UnsafeMutableRawPointer

  /// How far it is from another one beyond one step of rounding, relative to the largest element of that.
  ///
  /// Sums in another order go to the other neighbour where they lie near the middle of two bfloat16,
  /// which is 2⁻⁷ of the smaller one at most.
  ///
  /// - Parameter other: Of the same type and size.
  /// - Returns: 0 where no element is further; infinite where one of the two is not finite and the other
  ///   is something else.
  func distance(from other: UnitOutput) -> Double {
    let step = element == .bf16 ? 0x1p-7 : 0
    var (difference, largest) = (0.0, 0.0)
    for row in 0..<rows {
      for column in 0..<width {
        let a = element.number(row * pitch + column, in: UnsafeRawPointer(start))
        let b = other.element.number(
          row * other.pitch + column, in: UnsafeRawPointer(other.start))
        guard a.isFinite, b.isFinite else {
          if a == b || (a.isNaN && b.isNaN) { continue }
          return .infinity
        }
        difference = max(difference, abs(a - b) - step * min(abs(a), abs(b)))
        largest = max(largest, abs(b))
      }
    }
    return largest == 0 ? difference : difference / largest
  }

  /// Becomes what another one is, of the same type and size.
  func copy(_ other: UnitOutput) {
    let bytes = element.byteCount
    for row in 0..<rows {
      (start + row * pitch * bytes).copyMemory(
        from: other.start + row * other.pitch * bytes, byteCount: width * bytes)
    }
  }
}
