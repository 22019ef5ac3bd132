/// The lines of a tensor along one of its axes.
///
/// Line `l` has its elements at `start(l)`, `start(l) + inner`, and so on, `length` of them.
public struct AxisLines: Hashable, Sendable {
  /// Product of the lengths before the axis.
  public let outer: Int
  /// Elements of a line.
  public let length: Int
  /// Product of the lengths behind the axis: elements from one element of a line to the next.
  public let inner: Int

  /// Fixes the lines.
  ///
  /// - Parameters:
  ///   - lengths: Of the tensor, outermost first, each at least 1.
  ///   - axis: One of its axes.
  public init(_ lengths: [Int], axis: Int) {
    precondition(lengths.indices.contains(axis), "no axis \(axis) of \(lengths)")
    outer = lengths[..<axis].reduce(1, *)
    length = lengths[axis]
    inner = lengths[(axis + 1)...].reduce(1, *)
  }

  /// Number of lines.
  public var count: Int { outer * inner }

  /// Where a line begins.
  @inlinable
  public func start(_ line: Int) -> Int { line / inner * (length * inner) + line % inner }

  /// Lines that one thread should at least have, such that waking it pays.
  @inlinable
  public var grain: Int { max(1, 4096 / length) }
}
