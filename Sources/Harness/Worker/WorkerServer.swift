import Basics
import CShims
import Foundation

/// The worker's side of the protocol: reads lines, prepares, checks and times one case at a time.
package final class WorkerServer {
  /// Makes the workload of a case; throws `Problem` for one that cannot be had.
  package typealias Make = (CaseRequest) throws -> any Workload

  private let make: Make
  private let greeting: WorkerReply
  private var current: (workload: any Workload, sampler: Sampler)?
  private var calledOnce = false

  /// - Parameters:
  ///   - worker: Name and version of the program.
  ///   - march: Instruction set that it was built for.
  ///   - libraries: Numeric libraries that it has loaded.
  ///   - cblasFile: Where its matrix products come from.
  ///   - make: Makes a workload from its request.
  package init(
    worker: String, march: String, libraries: [Context.Library], cblasFile: String? = nil,
    make: @escaping Make
  ) {
    self.make = make
    var greeting = WorkerReply(ok: true)
    greeting.protocol = WorkerProtocol.version
    greeting.worker = worker
    greeting.march = march
    greeting.git = BuildState.git
    greeting.libraries = libraries
    greeting.cblasFile = cblasFile
    self.greeting = greeting
  }

  /// Serves standard input until it ends or says `quit`.
  ///
  /// Replies go to what standard output was; standard output itself is pointed at standard error
  /// first, so that a library that prints cannot break a reply.
  package func serveStandardIO() throws {
    let replies = dup(STDOUT_FILENO)
    guard replies >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
      throw Problem(.malformed, "the worker cannot set its output aside: \(errno)")
    }
    let output = FileHandle(fileDescriptor: replies, closeOnDealloc: true)
    while let line = readLine(strippingNewline: true) {
      let reply = answer(line)
      try output.write(contentsOf: try reply.line() + [10])
      if line == "quit" { return }
    }
  }

  /// The reply to one line.
  ///
  /// Never throws: what goes wrong is said in the reply.
  package func answer(_ line: String) -> WorkerReply {
    do {
      return try perform(line)
    } catch {
      let problem = error as? Problem ?? Problem(.malformed, "\(error)")
      return WorkerReply(ok: false).with {
        $0.error = problem.description
        $0.code = problem.kind.code
      }
    }
  }

  private func perform(_ line: String) throws -> WorkerReply {
    let words = line.split(separator: " ")
    switch words.first {
    case "hello": return greeting
    case "prepare": return try prepare(Array(words.dropFirst()))
    case "checksum":
      let (workload, sampler) = try prepared()
      if !calledOnce { sampler.callOnce() }
      calledOnce = true
      return WorkerReply(ok: true).with {
        $0.checksum = "0x" + String(workload.checksum(), radix: 16)
      }
    case "check":
      let correctness = try prepared().workload.check()
      return WorkerReply(ok: true).with { $0.correctness = correctness }
    case "run": return try run(Array(words.dropFirst()))
    case "quit": return WorkerReply(ok: true)
    default:
      throw Problem(
        .malformed,
        "this worker (protocol \(WorkerProtocol.version)) does not know the line '\(line)'"
      )
    }
  }

  private func prepare(_ words: [Substring]) throws -> WorkerReply {
    guard var request = CaseRequest(words: words) else {
      throw Problem(.malformed, "a malformed prepare line")
    }
    (current, calledOnce) = (nil, false)
    var settings = Sampler.Settings()
    // How to sample is this side's business, not the workload's.
    let take: (String) -> Double? = { request.options.removeValue(forKey: $0).flatMap(Double.init) }
    settings.warmupSeconds = take(WorkerProtocol.warmupKey) ?? settings.warmupSeconds
    settings.warmupCapSeconds = take(WorkerProtocol.warmupCapKey) ?? settings.warmupCapSeconds
    let made = try make(request)
    settings.batchesCalls = !made.kind.isNetwork
    current = (made, Sampler(made, settings: settings))
    return WorkerReply(ok: true).with { $0.case = PreparedCase(made) }
  }

  private func run(_ words: [Substring]) throws -> WorkerReply {
    guard let first = words.first, let count = Int(first), count >= 1 else {
      throw Problem(.malformed, "run needs a count of samples, 1 or more")
    }
    let seconds = words.count > 1 ? Double(words[1]) ?? .infinity : .infinity
    let (workload, sampler) = try prepared()
    let needsWarmup = !sampler.isWarm
    if needsWarmup { sampler.warmUp() }
    if words.count > 2, let calls = Int(words[2]), calls >= 1 { sampler.callsPerSample = calls }
    calledOnce = true
    var reply = WorkerReply(ok: true)
    reply.warmupNs = needsWarmup ? sampler.warmupNs : []
    var (samples, flags): ([Double], [String]) = ([], [])
    let begin = Clock.now()
    for _ in 0..<count {
      let sample = sampler.sample()
      samples.append(sample.nsPerCall)
      flags.append(sample.flags.label)
      if Double(Clock.now() &- begin) * 1e-9 >= seconds { break }
    }
    reply.samplesNs = samples
    reply.flags = flags
    reply.callsPerSample = sampler.callsPerSample
    reply.peakMemoryBytes = MachineReader.peakMemoryBytes()
    reply.phaseNs = workload.phaseNs
    return reply
  }

  private func prepared() throws -> (workload: any Workload, sampler: Sampler) {
    guard let current else {
      throw Problem(.malformed, "no case is prepared; send 'prepare CASE' first")
    }
    return current
  }
}

extension WorkerReply {
  func with(_ change: (inout WorkerReply) -> Void) -> WorkerReply {
    var copy = self
    change(&copy)
    return copy
  }
}
