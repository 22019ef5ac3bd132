/// A named tensor of a model's weight file; nodes that share it read the same value.
package struct Parameter: Hashable, Sendable {
  /// What the tensor is to the node that reads it.
  package enum Role: Hashable, Sendable {
    /// Filters `K C R S`, or a matrix `outputs × inputs`.
    case filters
    /// Added to each output channel.
    case bias
    /// Batch-norm's scale γ.
    case normScale
    /// Batch-norm's shift β.
    case normShift
    /// Batch-norm's running mean.
    case runningMean
    /// Batch-norm's running variance.
    case runningVariance
    /// Any other operand that is the same for every input.
    case constant
  }

  /// The reference implementation's name, for example `layer1.0.bn1.running_mean`.
  package var name: String
  /// Length of each dimension, as the reference has them.
  package var shape: [Int]
  /// What the tensor is to its node.
  package var role: Role
  /// Pixels that lie innermost in the reference's order and before the channels in ours: those of
  /// a filter's window, or of the image that a fully connected layer reads; 1 where orders agree.
  package var area: Int
  /// Whether a matrix lies `inputs × outputs` in the reference's order; ours is `outputs × inputs`.
  package var isStoredByInput: Bool
  /// What the numbers at each outermost index are whole multiples of; nil where they are any numbers.
  package var scales: [Float]?

  package init(
    name: String, shape: [Int], role: Role, area: Int = 1, isStoredByInput: Bool = false
  ) {
    (self.name, self.shape, self.role, self.area) = (name, shape, role, area)
    self.isStoredByInput = isStoredByInput
  }

  /// Number of elements.
  package var count: Int { shape.reduce(1, *) }
  /// Filters, or rows of a matrix `outputs × inputs`.
  package var outputs: Int { isStoredByInput ? shape[1] : shape[0] }
  /// Elements that one output sums over.
  package var inputs: Int { count / outputs }

  /// Calls `body` with each element's index in the reference's order and in ours, `K R S C`.
  @inlinable
  package func forEachElement(_ body: (_ outside: Int, _ inside: Int) -> Void) {
    if isStoredByInput {
      let (rows, columns) = (shape[0], shape[1])
      for row in 0..<rows {
        for column in 0..<columns { body(row * columns + column, column * rows + row) }
      }
      return
    }
    guard area > 1 else {
      for index in 0..<count { body(index, index) }
      return
    }
    let channels = count / shape[0] / area
    var outside = 0
    for k in 0..<shape[0] {
      for c in 0..<channels {
        for pixel in 0..<area {
          body(outside, (k * area + pixel) * channels + c)
          outside += 1
        }
      }
    }
  }

  /// Whether training updates it by its gradient; running statistics are not counted.
  package var isTrainable: Bool {
    role != .runningMean && role != .runningVariance && role != .constant
  }
}
