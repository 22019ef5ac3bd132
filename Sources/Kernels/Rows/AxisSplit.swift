/// The axes of a tensor in two kinds: those that are worked through together, and those that stay.
struct AxisSplit: Sendable {
  /// Axes of one kind side by side, as one.
  struct Span: Sendable {
    var length: Int
    /// Elements from one index to the next.
    var stride: Int
  }

  /// Elements that differ in axes that stay.
  let count: Int
  /// Elements that differ in the others, for each of these.
  let depth: Int
  /// The axes that stay, outermost first, without the innermost run.
  let kept: [Span]
  /// The others, likewise.
  let reduced: [Span]
  /// Elements of the innermost axes of one kind, which are contiguous.
  let run: Int
  /// Whether these do not stay.
  let runIsReduced: Bool

  /// Sorts the axes of a tensor.
  init(_ lengths: [Int], axes: [Int]) {
    precondition(axes.allSatisfy(lengths.indices.contains), "no axes \(axes) of \(lengths)")
    var spans: [(isReduced: Bool, span: Span)] = []
    var stride = lengths.reduce(1, *)
    var (count, depth) = (1, 1)
    for (axis, length) in lengths.enumerated() {
      let isReduced = axes.contains(axis)
      stride /= length
      if isReduced { depth *= length } else { count *= length }
      guard length > 1 else { continue }
      if let last = spans.last, last.isReduced == isReduced {
        spans[spans.count - 1].span = Span(length: last.span.length * length, stride: stride)
      } else {
        spans.append((isReduced, Span(length: length, stride: stride)))
      }
    }
    let innermost = spans.popLast()
    (self.count, self.depth) = (count, depth)
    run = innermost?.span.length ?? 1
    runIsReduced = innermost?.isReduced ?? true
    kept = spans.filter { !$0.isReduced }.map(\.span)
    reduced = spans.filter(\.isReduced).map(\.span)
  }

  /// All axes that stay.
  var allKept: [Span] { runIsReduced ? kept : kept + [Span(length: run, stride: 1)] }
  /// All others.
  var allReduced: [Span] { runIsReduced ? reduced + [Span(length: run, stride: 1)] : reduced }

  /// Elements from the start to an index of some spans.
  @inline(__always)
  static func offset(_ index: Int, _ spans: [Span]) -> Int {
    var (rest, offset) = (index, 0)
    for span in spans.reversed() {
      offset += rest % span.length * span.stride
      rest /= span.length
    }
    return offset
  }
}
