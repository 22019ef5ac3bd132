import Basics
import Foundation

/// The parent's side of a worker: one process, driven line by line.
///
/// Every call waits for its reply, watches the clock and the cancel flag, and kills the worker when
/// either says so. Use it on the thread that made it.
package final class WorkerClient {
  /// Seconds to wait for each kind of line.
  package struct Timeouts: Hashable, Sendable {
    package var hello = 60.0
    package var prepare = 300.0
    package var check = 600.0
    /// On top of the time that a run was given, and per sample where it was given none.
    package var run = 120.0
    package init() {}
  }

  package let launch: WorkerLaunch
  package private(set) var greeting = WorkerReply(ok: false)
  package private(set) var prepared: PreparedCase?
  private let child: ChildProcess
  private let cancel: CancelFlag?
  private let timeouts: Timeouts
  private let waiting: () -> Void
  private let meter: EnergyMeter?
  private var tally = EnergyTally()
  private var isSuspended = false

  /// Starts a worker and greets it.
  ///
  /// - Parameters:
  ///   - launch: The program.
  ///   - cancel: Ends every wait for a reply.
  ///   - timeouts: Seconds that a reply may take.
  ///   - meter: Read before and after each run; nil where nobody asks for energy.
  ///   - waiting: Called some ten times a second while a reply is waited for.
  /// - Throws: `Problem` where it does not start, greet, or speak this protocol.
  package init(
    _ launch: WorkerLaunch = .own, cancel: CancelFlag? = nil, timeouts: Timeouts = Timeouts(),
    meter: EnergyMeter? = nil, waiting: @escaping () -> Void = {}
  ) throws(Problem) {
    // A worker that dies between two lines must be an error value, not the parent's end.
    signal(SIGPIPE, SIG_IGN)
    self.launch = launch
    self.cancel = cancel
    self.timeouts = timeouts
    self.meter = meter
    self.waiting = waiting
    child = try ChildProcess(launch)
    greeting = try exchange("hello", about: launch.executable, timeout: timeouts.hello)
    guard greeting.protocol == WorkerProtocol.version else {
      throw .protocolMismatch(executable: launch.executable, theirs: greeting.protocol)
    }
  }

  package var pid: Int32 { child.pid }

  /// Of all runs so far, however short; nil before the first, and where nobody asks.
  package var energy: Energy? { tally.energy }

  /// Prepares a case in place of the one before.
  @discardableResult
  package func prepare(_ request: CaseRequest) throws(Problem) -> PreparedCase {
    prepared = nil
    let reply = try exchange(request.line, about: request.id, timeout: timeouts.prepare)
    guard let answer = reply.case else {
      throw .garbled(case: request.id, line: "a reply to prepare without its case")
    }
    prepared = answer
    return answer
  }

  /// The digest of the outputs after exactly one call of the freshly prepared case.
  package func checksum() throws(Problem) -> String? {
    try exchange("checksum", about: name, timeout: timeouts.check).checksum
  }

  /// Holds the prepared case's answer against its oracle.
  package func check() throws(Problem) -> CaseRecord.Correctness {
    let reply = try exchange("check", about: name, timeout: timeouts.check)
    guard let answer = reply.correctness else {
      throw .garbled(case: name, line: "a reply to check without its correctness")
    }
    return answer
  }

  /// Takes up to `samples` samples, ending early once `seconds` are over.
  ///
  /// A worker may not heed how many `calls` a sample is to have; its answer tells.
  package func run(
    samples: Int, seconds: Double? = nil, calls: Int? = nil
  ) throws(Problem) -> CaseRecord.ProcessSamples {
    let limit = seconds.map { "\($0)" } ?? calls.map { _ in "inf" }
    let words = ["run", "\(samples)"] + [limit, calls.map(String.init)].compactMap { $0 }
    let patience = timeouts.run + (seconds ?? Double(samples) * timeouts.run)
    meter?.begin()
    let reply = try exchange(words.joined(separator: " "), about: name, timeout: patience)
    if let meter { tally.add(meter.end()) }
    guard let times = reply.samplesNs, !times.isEmpty,
      times.allSatisfy({ $0.isFinite && $0 > 0 })
    else { throw .garbled(case: name, line: "a reply to run without usable samples") }
    let flags = reply.flags ?? []
    return CaseRecord.ProcessSamples(
      samplesNs: times,
      flags: flags.count == times.count ? flags : times.map { _ in "" },
      callsPerSample: reply.callsPerSample ?? 1, warmupNs: reply.warmupNs ?? [],
      peakMemoryBytes: reply.peakMemoryBytes, phaseNs: reply.phaseNs ?? [:])
  }

  /// Stops until its next line the threads of a worker that would go on working: a foreign one's,
  /// and those of OpenBLAS, which spin for some 30 ms after a call in the next one's time.
  ///
  /// Ours park by themselves.
  package func park() {
    if launch.isForeign || spins { pause() }
  }

  /// Stops any worker's threads until its next line.
  func pause() {
    guard !isSuspended else { return }
    child.suspend()
    isSuspended = true
  }

  /// Ends the worker in good order, or by force if it does not go within a second.
  package func quit() {
    wake()
    if child.send("quit"), child.wait(timeoutSeconds: 1) != nil { return }
    child.kill()
  }

  private var name: String { prepared?.id ?? launch.executable }

  private var spins: Bool {
    prepared.map { $0.threads > 1 && CaseID.engine(of: $0.id).hasPrefix("openblas") } ?? false
  }

  private func wake() {
    guard isSuspended else { return }
    child.resume()
    isSuspended = false
  }

  private func exchange(
    _ line: String, about name: String, timeout: Double
  ) throws(Problem) -> WorkerReply {
    wake()
    guard child.send(line) else { throw crash(name) }
    let waits = {
      self.meter?.look()
      self.waiting()
    }
    switch child.readLine(timeoutSeconds: timeout, cancel: cancel, waiting: waits) {
    case .success(let data):
      guard let reply = try? ResultRecord.decoder().decode(WorkerReply.self, from: data) else {
        throw .garbled(case: name, line: String(decoding: data, as: UTF8.self))
      }
      guard reply.ok else {
        throw Problem(
          .init(code: reply.code ?? 1), reply.error ?? "\(name) was refused without a reason")
      }
      return reply
    case .failure(.ended): throw crash(name)
    case .failure(.cancelled):
      child.kill()
      throw .interrupted
    case .failure(.timedOut):
      child.kill()
      throw .timedOut(case: name, seconds: timeout)
    }
  }

  private func crash(_ name: String) -> Problem {
    if cancel?.isCancelled == true { return .interrupted }
    let ending = child.wait(timeoutSeconds: 1) ?? "it closed its output"
    let words = child.lastWords()
    return greeting.ok
      ? .crashed(case: name, ending: ending, lastWords: words)
      : .silent(executable: name, ending: ending, lastWords: words)
  }
}
