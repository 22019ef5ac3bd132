/// How tensors are gone through together, of which some are repeated along some dimensions.
///
/// Their last dimensions belong together; where one has the length 1, or no such dimension, its
/// elements are repeated. Dimensions along which all go on, or all stay, in the same way are taken as
/// one, so that equal shapes are one row, and a row of channels beside images is one a pixel.
package struct Broadcast: Sendable {
  /// A dimension of the output.
  struct Axis {
    var length: Int
    /// For each operand the elements from one index to the next; 0 where they are repeated.
    var steps: SIMD4<Int>
  }

  /// Elements of a row that one worker takes at a time.
  private static let piece = 4096

  /// All but the innermost, outermost first.
  private let outer: [Axis]
  /// The innermost one: every operand has its elements there side by side, or one element.
  let inner: Axis

  /// Fixes the shapes.
  ///
  /// - Parameters:
  ///   - output: Lengths of the output, outermost first.
  ///   - operands: Lengths of each operand, of four at most.
  package init(_ output: [Int], operands: [[Int]]) {
    precondition(operands.count <= 4 && operands.allSatisfy { $0.count <= output.count })
    var axes: [Axis] = []
    let strides = operands.map { lengths in
      let aligned = [Int](repeating: 1, count: output.count - lengths.count) + lengths
      var (steps, stride) = (aligned, 1)
      for place in aligned.indices.reversed() {
        precondition(aligned[place] == 1 || aligned[place] == output[place], "\(operands)")
        steps[place] = aligned[place] == 1 ? 0 : stride
        stride *= aligned[place]
      }
      return steps
    }
    for (place, length) in output.enumerated() where length > 1 {
      var steps = SIMD4<Int>.zero
      for operand in operands.indices { steps[operand] = strides[operand][place] }
      if let last = axes.last, last.steps == steps &* SIMD4(repeating: length) {
        axes[axes.count - 1] = Axis(length: last.length * length, steps: steps)
      } else {
        axes.append(Axis(length: length, steps: steps))
      }
    }
    inner = axes.popLast() ?? Axis(length: 1, steps: .zero)
    outer = axes
  }

  /// Goes through the rows of the output, or pieces of them, in the pool's threads.
  ///
  /// - Parameters:
  ///   - pool: Runs the work.
  ///   - body: Called with the first element of each operand, that of the output, and how many
  ///     elements follow.
  @inline(__always)
  func forEachRow(
    _ pool: ThreadPool, _ body: (_ sources: SIMD4<Int>, _ target: Int, _ count: Int) -> Void
  ) {
    let pieces = (inner.length + Self.piece - 1) / Self.piece
    var items = pieces
    for axis in outer { items *= axis.length }
    let grain = max(1, Activation.grain / min(inner.length, Self.piece))
    let last = outer.last ?? Axis(length: 1, steps: .zero)
    pool.forEachShare(of: items, grain: grain) { share in
      var item = share.lowerBound
      while item < share.upperBound {
        let (row, first) = (item / pieces, item % pieces * Self.piece)
        var (rest, sources) = (row, inner.steps &* SIMD4(repeating: first))
        for axis in outer.reversed() {
          sources &+= axis.steps &* SIMD4(repeating: rest % axis.length)
          rest /= axis.length
        }
        // Rows that are not cut follow one another along the last of the outer dimensions.
        let rows =
          pieces > 1 ? 1 : min(last.length - row % last.length, share.upperBound - item)
        for next in row..<row + rows {
          body(sources, next * inner.length + first, min(Self.piece, inner.length - first))
          sources &+= last.steps
        }
        item += rows
      }
    }
  }
}
