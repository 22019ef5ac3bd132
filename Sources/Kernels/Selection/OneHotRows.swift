/// One element of each row marked, where an index says.
public enum OneHotRows {
  /// Writes rows along an axis.
  ///
  /// - Parameters:
  ///   - outer: Product of the indices' lengths outside the axis.
  ///   - depth: Length of the axis.
  ///   - inner: Product of the indices' lengths inside it.
  ///   - width: Bytes of an element.
  ///   - index: Gives the number at a place, from the end where it is negative; one beyond the depth
  ///     marks nothing.
  ///   - values: Two elements: what is not marked, and what is.
  ///   - output: `outer × depth × inner` elements; overwritten.
  public static func write(
    outer: Int, depth: Int, inner: Int, width: Int, index: (Int) -> Int,
    values: UnsafeRawPointer, output: UnsafeMutableRawPointer
  ) {
    for place in 0..<outer * inner {
      let given = index(place)
      let marked = given < 0 ? given + depth : given
      let (o, i) = (place / inner, place % inner)
      for d in 0..<depth {
        let target = output + ((o * depth + d) * inner + i) * width
        target.copyMemory(from: values + (d == marked ? width : 0), byteCount: width)
      }
    }
  }
}
