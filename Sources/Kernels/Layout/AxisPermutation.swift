/// A tensor with its dimensions in another order, in the pool's threads.
///
/// Dimensions that stay side by side are taken as one. Where the innermost stays innermost, rows are
/// copied; otherwise matrices are turned round, in squares of four. Elements of eight bytes are pairs
/// of four, those of one byte are copied one by one.
public struct AxisPermutation: Sendable {
  /// A dimension of the output.
  private struct Axis {
    var length: Int
    /// Floats from one index to the next, in the input and in the output.
    var (source, target): (Int, Int)
  }

  /// Rows of a matrix, or rows of channels, that one worker takes at a time.
  private static let rowsPerItem = 64

  /// All but those of the matrix, or of the row, outermost first.
  private let outer: [Axis]
  /// The rows of the matrix: the output's innermost dimension.
  private let rows: Axis
  /// The columns of the matrix: the input's innermost dimension; nil where that is `rows`.
  private let columns: Axis?

  /// Fixes the order.
  ///
  /// - Parameters:
  ///   - lengths: Of the input, outermost first.
  ///   - permutation: For each dimension of the output, which one of the input it is.
  public init(_ lengths: [Int], permutation: [Int]) {
    precondition(permutation.sorted() == Array(lengths.indices), "no order: \(permutation)")
    var (strides, stride) = (lengths, 1)
    for dimension in lengths.indices.reversed() {
      strides[dimension] = stride
      stride *= lengths[dimension]
    }
    var axes: [Axis] = []
    for dimension in permutation where lengths[dimension] > 1 {
      if let last = axes.last, last.source == strides[dimension] * lengths[dimension] {
        axes[axes.count - 1].length *= lengths[dimension]
        axes[axes.count - 1].source = strides[dimension]
      } else {
        axes.append(Axis(length: lengths[dimension], source: strides[dimension], target: 0))
      }
    }
    stride = 1
    for index in axes.indices.reversed() {
      axes[index].target = stride
      stride *= axes[index].length
    }
    rows = axes.popLast() ?? Axis(length: 1, source: 1, target: 1)
    columns =
      rows.source == 1 ? nil : axes.firstIndex { $0.source == 1 }.map { axes.remove(at: $0) }
    outer = axes
  }

  /// Writes the output.
  ///
  /// - Parameters:
  ///   - input: As many floats as the lengths say.
  ///   - output: As many; overwritten, apart from the input.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let pieces = columns == nil ? 1 : (rows.length + Self.rowsPerItem - 1) / Self.rowsPerItem
    let items = outer.reduce(pieces) { $0 * $1.length }
    pool.forEachShare(of: items, grain: columns == nil ? 16 : 1) { share in
      for item in share {
        var (rest, source, target) = (item / pieces, 0, 0)
        for axis in outer.reversed() {
          source += rest % axis.length * axis.source
          target += rest % axis.length * axis.target
          rest /= axis.length
        }
        let first = item % pieces * Self.rowsPerItem
        let (from, to) = (input + source + first * rows.source, output + target + first)
        if let columns {
          Transpose.write(
            rows: min(Self.rowsPerItem, rows.length - first), columns: columns.length, from,
            stride: rows.source, to: to, stride: columns.target)
        } else {
          to.update(from: from, count: rows.length)
        }
      }
    }
  }
}

extension AxisPermutation {
  /// Fixes the order for elements of any size.
  ///
  /// - Parameters:
  ///   - lengths: Of the input, outermost first.
  ///   - permutation: For each dimension of the output, which one of the input it is.
  ///   - width: Bytes of an element: 4 or 8; `runBytes` takes those of 1.
  public init(_ lengths: [Int], permutation: [Int], width: Int) {
    precondition(width == 4 || width == 8, "no elements of \(width) bytes")
    if width == 4 {
      self.init(lengths, permutation: permutation)
    } else {
      self.init(lengths + [2], permutation: permutation + [lengths.count])
    }
  }

  /// Writes the output for elements of one byte.
  ///
  /// - Parameters:
  ///   - input: As many bytes as the lengths say.
  ///   - output: As many; overwritten, apart from the input.
  ///   - pool: Runs the work.
  public func runBytes(
    input: UnsafeRawPointer, output: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    let (height, width) = (columns?.length ?? 1, rows.length)
    pool.forEachShare(of: outer.reduce(height * width) { $0 * $1.length }, grain: 1024) { share in
      for item in share {
        let (column, row) = (item / width % height, item % width)
        var (rest, source, target) = (item / width / height, row * rows.source, row * rows.target)
        source += column * (columns?.source ?? 0)
        target += column * (columns?.target ?? 0)
        for axis in outer.reversed() {
          source += rest % axis.length * axis.source
          target += rest % axis.length * axis.target
          rest /= axis.length
        }
        output.storeBytes(
          of: input.load(fromByteOffset: source, as: UInt8.self), toByteOffset: target,
          as: UInt8.self)
      }
    }
  }
}
