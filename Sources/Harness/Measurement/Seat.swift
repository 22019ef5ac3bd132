import Basics

/// One case in one process that takes turns with others of the same subject.
///
/// Turns make a ratio of two cases one of the same time: what slows the machine for a second falls
/// on both. Between its turns a worker is stopped, so that its threads do not spin beside the next.
struct Seat {
  let request: CaseRequest
  let client: WorkerClient
  let rule: StopRule
  /// All samples so far; nil before the first turn.
  private(set) var samples: CaseRecord.ProcessSamples?
  /// What ended it early.
  private(set) var error: Problem?
  private(set) var isDone = false
  private var turns: [Int] = []
  /// Seconds of sampling, without the warm-up.
  private var seconds = 0.0

  init(_ request: CaseRequest, _ client: WorkerClient, rule: StopRule) {
    (self.request, self.client, self.rule) = (request, client, rule)
  }

  /// Turns that a process's share of the time is meant to last for.
  private static let turnsWanted = 8.0
  /// Seconds of the shortest turn; the first batch after a pause is slow.
  private static let shortestTurn = 0.02

  /// Lets all seats sample in turns, in an order drawn anew each time, until each has enough.
  static func takeTurns(_ seats: inout [Seat], using order: inout SplitMix64) {
    let several = seats.count > 1
    while seats.contains(where: { !$0.isDone }) {
      for index in seats.indices.shuffled(using: &order) where !seats[index].isDone {
        seats[index].takeTurn(isAlone: !several)
        if several { seats[index].client.pause() }
      }
    }
    for index in seats.indices {
      let (turns, energy) = (seats[index].turns, seats[index].client.energy)
      if several { seats[index].samples?.turnSamples = turns }
      seats[index].samples?.energy = energy
    }
  }

  private mutating func takeTurn(isAlone: Bool) {
    let taken = samples?.samplesNs ?? []
    guard let next = rule.next(after: taken, elapsedSeconds: seconds) else {
      isDone = true
      return
    }
    let most = isAlone ? .infinity : max(rule.share / Self.turnsWanted, Self.shortestTurn)
    let begin = Clock.now()
    do throws(Problem) {
      let more = try client.run(samples: next.samples, seconds: min(next.seconds, most))
      turns.append(more.samplesNs.count)
      guard samples != nil else {
        // The first reply comes after the warm-up, which is not taken out of the share.
        seconds = more.samplesNs.reduce(0, +) * Double(more.callsPerSample) * 1e-9
        samples = more
        return
      }
      seconds += Double(Clock.now() &- begin) * 1e-9
      samples?.samplesNs += more.samplesNs
      samples?.flags += more.flags
      samples?.peakMemoryBytes = more.peakMemoryBytes
      samples?.phaseNs = more.phaseNs
    } catch {
      // What came before is kept.
      self.error = error
      isDone = true
    }
  }
}
