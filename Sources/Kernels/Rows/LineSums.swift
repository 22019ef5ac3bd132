/// The sum of what comes before each element of a line.
public enum LineSums {
  /// Sums up along an axis, in order.
  ///
  /// - Parameters:
  ///   - lines: The tensor.
  ///   - zero: What a sum starts from.
  ///   - isExclusive: Whether an element is left out of its own sum.
  ///   - isReversed: Whether sums run from the end.
  ///   - input: May be `output`.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  ///   - add: The sum of two.
  @inlinable
  public static func run<Element>(
    _ lines: AxisLines, from zero: Element, isExclusive: Bool, isReversed: Bool,
    input: UnsafePointer<Element>,
    output: UnsafeMutablePointer<Element>, pool: ThreadPool, add: (Element, Element) -> Element
  ) {
    pool.forEachShare(of: lines.count, grain: lines.grain) { items in
      for line in items {
        let start = lines.start(line)
        var sum = zero
        for step in 0..<lines.length {
          let place = start + (isReversed ? lines.length - 1 - step : step) * lines.inner
          let x = input[place]
          let next = add(sum, x)
          output[place] = isExclusive ? sum : next
          sum = next
        }
      }
    }
  }
}

/// The few largest, or smallest, elements of each line, in order, and where they stand.
public enum LineOrder {
  /// Finds them; of equal elements the first comes first.
  ///
  /// - Parameters:
  ///   - lines: The tensor.
  ///   - count: How many, between 1 and the length of a line.
  ///   - isSmallest: Looks for the smallest elements instead of the largest.
  ///   - input: Apart from the outputs.
  ///   - values: The tensor with lines of `count`; overwritten.
  ///   - places: Likewise.
  ///   - pool: Runs the work.
  @inlinable
  public static func run<Element: Comparable>(
    _ lines: AxisLines, count: Int, isSmallest: Bool, input: UnsafePointer<Element>,
    values: UnsafeMutablePointer<Element>, places: UnsafeMutablePointer<Int64>, pool: ThreadPool
  ) {
    let inner = lines.inner
    pool.forEachShare(of: lines.count, grain: lines.grain) { items in
      for line in items {
        let source = input + lines.start(line)
        let start = line / inner * count * inner + line % inner
        var found = 0
        for step in 0..<lines.length {
          let x = source[step * inner]
          if found == count {
            let last = values[start + (count - 1) * inner]
            guard isSmallest ? x < last : x > last else { continue }
          }
          // Moves what comes behind it one place on.
          var place = min(found, count - 1)
          while place > 0 {
            let before = values[start + (place - 1) * inner]
            guard isSmallest ? x < before : x > before else { break }
            values[start + place * inner] = before
            places[start + place * inner] = places[start + (place - 1) * inner]
            place -= 1
          }
          values[start + place * inner] = x
          places[start + place * inner] = Int64(step)
          found = min(found + 1, count)
        }
      }
    }
  }
}
