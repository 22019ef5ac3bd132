import Tensors

/// Something that can be timed: prepared once, then called again and again.
///
/// The harness knows nothing of tensors; this is all that it sees of them.
package protocol Workload: AnyObject {
  /// As `CaseID` writes it.
  var id: String { get }
  var kind: CaseRecord.Kind { get }
  /// Shape, batch, input size and whatever else repeats the case.
  var parameters: [String: JSONValue] { get }
  /// Id of the kernel or plan that does the work.
  var algorithm: String { get }
  /// Threads that a call keeps busy.
  var threads: Int { get }
  /// Work of one call in direct operations; of layers on bfloat16 alone where there are some.
  var directFLOPs: FLOPs { get }
  /// Work of one call as executed, likewise; beside integer operations what is left in floats.
  var executedFLOPs: FLOPs { get }
  /// Work of one call on integers, as executed; nil where all of it is on floats.
  var integerOperations: IntegerOperations? { get }
  /// The same work in direct operations.
  var directIntegerOperations: IntegerOperations? { get }
  /// Work of one call in float32 beside that on integers or bfloat16, as executed; 0 where none is.
  var float32FLOPs: FLOPs { get }
  /// What one call handles some of: `image`, or as the network has it.
  var item: WorkItem { get }
  /// Images, or other items, that one call handles; nil for kernels and probes.
  var imagesPerCall: Int? { get }
  /// Requests that one call answers; nil where nothing is requested.
  var requestsInFlight: Int? { get }
  /// Bytes that one call moves; nil for all but bandwidth probes.
  var bytesPerCall: Double? { get }
  /// One call. Allocates nothing.
  func run()
  /// Holds the answer of the very plan that is timed against its oracle.
  ///
  /// - Throws: Why there is no oracle to hold it against.
  func check() throws -> CaseRecord.Correctness
  /// A digest of the outputs, equal in every process that computes the same thing the same way.
  func checksum() -> UInt64
  /// Nanoseconds that the calls so far spent in each named phase; empty where there are none.
  var phaseNs: [String: Double] { get }
}

extension Workload {
  package var integerOperations: IntegerOperations? { nil }
  package var directIntegerOperations: IntegerOperations? { integerOperations }
  package var float32FLOPs: FLOPs { FLOPs(0) }
  package var item: WorkItem { .image }
  package var imagesPerCall: Int? { nil }
  package var requestsInFlight: Int? { nil }
  package var bytesPerCall: Double? { nil }
  package var phaseNs: [String: Double] { [:] }
}
