import Basics
import Foundation

/// Several arms on the same case, interleaved block by block in fresh processes: who is faster,
/// and by how much.
///
/// Unlike a comparison it gives no verdict; it gives every arm's own rate, and how often the
/// first arm's rate goes into it. Arms may handle different numbers of images a call, so all
/// ratios are of time per image.
package final class Race {
  package struct Runner: Sendable {
    package var arm: Arm
    package var prepared: PreparedCase?
    package var correctness = CaseRecord.Correctness(status: .notChecked, maxError: nil)
    package var processes: [CaseRecord.ProcessSamples] = []
    /// In each process, ln(time per image of this arm / of the first arm), block by block.
    package var differences: [[Double]] = []
    /// Why it could not go on.
    package var failure: Problem?

    /// How many times as fast the first arm is, with its 95 % interval.
    package var firstArmSpeedup: Shift? { Shift(processes: differences, confidence: 0.95) }

    /// How many times as fast another arm of the same race is, with its 95 % interval.
    package func speedup(of other: Runner) -> Shift? {
      Shift(
        processes: zip(differences, other.differences).map { zip($0, $1).map { $0 - $1 } },
        confidence: 0.95)
    }

    /// The first arm of ours that had as many requests under way and came through.
    package func ownCounterpart(among all: [Runner]) -> Runner? {
      all.first {
        !$0.arm.launch.isForeign && $0.failure == nil && $0.requests == requests
      }
    }

    /// Batches that the arm has under way at a time: a software that answers several at once is
    /// not to be compared with one that must answer each before it gets the next.
    package var requests: Int { prepared?.requestsInFlight ?? 1 }
  }

  private let request: CaseRequest
  /// Fresh processes of every arm.
  private let processes: Int
  /// Blocks in each process, at most.
  private let blocks: Int
  /// Seconds of blocks in each process.
  private let seconds: Double
  private let cancel: CancelFlag
  private let meter: EnergyMeter?
  private var order: SplitMix64
  private var runners: [Runner]

  /// A race on the case as the first arm is to get it; the meter is read around each turn.
  package init(
    _ arms: [Arm], _ request: CaseRequest, processes: Int, blocks: Int, seconds: Double,
    seed: UInt64, cancel: CancelFlag, meter: EnergyMeter? = nil
  ) {
    (self.request, self.cancel, self.meter) = (request, cancel, meter)
    (self.processes, self.blocks, self.seconds) = (processes, blocks, seconds)
    order = SplitMix64(seed: seed)
    runners = arms.map { Runner(arm: $0) }
  }

  /// Runs all processes; an arm that fails drops out and the others go on.
  package func run() -> [Runner] {
    for process in 0..<processes where !cancel.isCancelled {
      let clients = start(checks: process == 0)
      block(clients)
      for client in clients { client?.quit() }
    }
    return runners
  }

  /// Starts and prepares every arm that has not failed; parks each before the next one starts.
  private func start(checks: Bool) -> [WorkerClient?] {
    runners.indices.map { index in
      guard runners[index].failure == nil, !cancel.isCancelled else { return nil }
      do throws(Problem) {
        if checks { try check(index) }
        let client = try client(index)
        // The first turn warms up and is not a block.
        _ = try client.run(samples: 1)
        client.park()
        return client
      } catch {
        runners[index].failure = error
        return nil
      }
    }
  }

  /// Holds an arm's answer against what is expected, in a process whose memory is nobody's figure.
  private func check(_ index: Int) throws(Problem) {
    let client = try client(index)
    defer { client.quit() }
    runners[index].correctness = try client.check()
    guard runners[index].correctness.status == .failed else { return }
    let name = runners[index].arm.name
    throw Problem(.wrongAnswer, "\(name): wrong answer, so no speed")
  }

  private func client(_ index: Int) throws(Problem) -> WorkerClient {
    let client = try WorkerClient(runners[index].arm.launch, cancel: cancel, meter: meter)
    runners[index].prepared = try client.prepare(runners[index].arm.request(for: request))
    return client
  }

  private func block(_ clients: [WorkerClient?]) {
    let begin = Clock.now()
    var collected = runners.map { _ in [CaseRecord.ProcessSamples]() }
    var differences = runners.map { _ in [Double]() }
    for _ in 0..<blocks {
      if cancel.isCancelled || Double(Clock.now() &- begin) * 1e-9 > seconds { break }
      var perImage = [Double?](repeating: nil, count: clients.count)
      for index in clients.indices.shuffled(using: &order) {
        guard let client = clients[index], runners[index].failure == nil else { continue }
        do throws(Problem) {
          let samples = try client.run(samples: 3, seconds: 0.02)
          client.park()
          collected[index].append(samples)
          let images = Double(runners[index].prepared?.imagesPerCall ?? 1)
          perImage[index] = samples.samplesNs.min().map { $0 / images }
        } catch {
          runners[index].failure = error
        }
      }
      guard let first = perImage[0] else { break }
      for index in clients.indices {
        if let time = perImage[index] { differences[index].append(log(time / first)) }
      }
    }
    for index in runners.indices where !collected[index].isEmpty {
      let turns = collected[index]
      var process = CaseRecord.ProcessSamples(
        samplesNs: turns.flatMap(\.samplesNs), flags: turns.flatMap(\.flags),
        callsPerSample: turns.first?.callsPerSample ?? 1, warmupNs: [],
        peakMemoryBytes: turns.compactMap(\.peakMemoryBytes).max())
      process.energy = clients[index]?.energy
      runners[index].processes.append(process)
      runners[index].differences.append(differences[index])
    }
  }
}
