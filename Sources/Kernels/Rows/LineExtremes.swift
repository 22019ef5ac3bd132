/// Where the largest, or the smallest, element of each line of a tensor stands.
public enum LineExtremes {
  /// Writes the places.
  ///
  /// - Parameters:
  ///   - lines: The tensor.
  ///   - isSmallest: Looks for the smallest element instead of the largest.
  ///   - takesLast: Of equal elements, whether the last counts.
  ///   - input: The elements; NaN is passed over unless it comes first.
  ///   - output: One place a line, in the lines' order; overwritten.
  ///   - pool: Runs the work.
  @inlinable
  public static func places<Element: Comparable>(
    _ lines: AxisLines, isSmallest: Bool, takesLast: Bool, input: UnsafePointer<Element>,
    output: UnsafeMutablePointer<Int64>, pool: ThreadPool
  ) {
    pool.forEachShare(of: lines.count, grain: lines.grain) { items in
      for line in items {
        let start = input + lines.start(line)
        var (best, place) = (start[0], 0)
        for step in 1..<max(lines.length, 1) {
          let x = start[step * lines.inner]
          if (isSmallest ? x < best : x > best) || (takesLast && x == best) {
            (best, place) = (x, step)
          }
        }
        output[line] = Int64(place)
      }
    }
  }

  /// Writes 1 where the first largest element of each line stands, and 0 elsewhere.
  ///
  /// - Parameters:
  ///   - lines: The tensor.
  ///   - input: May be `output`.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public static func mark(
    _ lines: AxisLines, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    pool.forEachShare(of: lines.count, grain: lines.grain) { items in
      for line in items {
        let start = lines.start(line)
        var place = 0
        for step in 1..<max(lines.length, 1)
        where input[start + step * lines.inner] > input[start + place * lines.inner] {
          place = step
        }
        for step in 0..<lines.length {
          output[start + step * lines.inner] = step == place ? 1 : 0
        }
      }
    }
  }
}
