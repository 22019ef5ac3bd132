import Basics

/// Sums the block of gradients over the shards of a batch, while the backward pass goes on.
///
/// A step calls, on one thread: `begin`, `finished` for each unit, and in the unit that stands before
/// the optimizer `complete`. Nothing here throws, as kernels do not; what went wrong is kept.
package protocol GradientReduction: AnyObject {
  /// Why no more sums are to be had; nil where all is well, as whoever takes steps looks after each.
  var fault: Problem? { get }
  /// A step begins.
  func begin()
  /// A unit has ended, and with it what it writes of the gradients.
  func finished(_ unit: Int)
  /// Returns when every gradient is the sum over all shards, or when there is a fault.
  func complete()
}
