import Basics
import CShims

/// A transfer under way.
package struct RankRequest {
  var raw = costcurve_mpi_request()

  /// None.
  package init() {}

  /// What a link of another kind than MPI's knows the transfer by.
  package var number: Int {
    get { Int(raw.number) }
    set { raw.number = Int32(truncatingIfNeeded: newValue) }
  }
}

/// What the sum of gradients needs of a job: transfers between ranks that go on by themselves.
///
/// Nothing here waits. Memory that is named stays as it is, or untouched, until `isDone` has said so.
/// One thread calls.
package protocol RankLink: AnyObject {
  /// This process's number, from 0.
  var rank: Int { get }
  /// How many there are.
  var count: Int { get }
  /// Seconds that nothing may move before another rank is taken to hang.
  var stallSeconds: Double { get }

  /// Starts to send floats to a rank.
  func send(
    _ values: UnsafePointer<Float>, count: Int, to rank: Int, tag: Int,
    _ request: inout RankRequest
  ) throws(Problem)

  /// Starts to receive as many floats from a rank.
  func receive(
    _ values: UnsafeMutablePointer<Float>, count: Int, from rank: Int, tag: Int,
    _ request: inout RankRequest
  ) throws(Problem)

  /// Starts to replace floats by their sums over all ranks, added in an order of the link's choice.
  func sum(
    _ values: UnsafeMutablePointer<Float>, count: Int, _ request: inout RankRequest
  ) throws(Problem)

  /// Whether a transfer has ended; lets all that are under way move on.
  func isDone(_ request: inout RankRequest) throws(Problem) -> Bool

  /// The sentence for a wait that took too long.
  ///
  /// - Parameter what: What was waited for, such as `the sum of gradients`.
  /// - Returns: A problem that names this rank.
  func stalled(_ what: String) -> Problem
}
