/// What to compare, and how thoroughly.
package struct ComparisonPlan: Sendable {
  package var a: Arm
  package var b: Arm
  /// Further arms, each compared with A in the same blocks.
  package var peers: [Arm]
  package var cases: [CaseRequest]
  /// Fresh processes of every arm per case.
  package var processes = 10
  /// Blocks per process at least.
  package var pairs = 16
  /// Seconds that the blocks of a process fill, where there is room for more than those.
  package var sessionSeconds = 0.0
  /// The same of the sets that confirm or retry the first; nil for as much as that.
  package var laterProcesses: Int?
  package var laterPairs: Int?
  /// The margin of every case; nil for DESIGN's default by length and threads.
  package var margin: Double?
  /// Margins of single cases, by id, before the one above.
  package var margins: [String: Double] = [:]
  /// |ratio − 1| of recent controls on this machine, for the margin's floor.
  package var pastControls: [String: [Double]] = [:]
  package var seed: UInt64 = 1
  /// Seconds of a set after which no further process is begun for a narrower interval.
  package var budgetSeconds = 60.0
  /// Seconds of a set after which no further process is begun at all, with two at least.
  package var limitSeconds = Double.infinity
  /// Runs a case again in fresh processes before a difference counts, and where it could not tell.
  package var confirms = true
  package var warmupSeconds = 0.05
  package var warmupCapSeconds = 0.2
  /// How long each case waits for a quiet machine; nil where none waits.
  package var wait: QuietWait?
  package var timeouts = WorkerClient.Timeouts()
  /// Whether time that the hypervisor took makes a verdict UNSTABLE; it says nothing of workers
  /// whose times are not measured.
  package var heedsSteal = true

  package init(a: Arm, b: Arm, peers: [Arm] = [], cases: [CaseRequest]) {
    (self.a, self.b, self.peers, self.cases) = (a, b, peers, cases)
  }

  /// A, B, A again as the control, then the peers.
  var arms: [Arm] { [a, b, a] + peers }
}
