import Basics
import Harness

/// What a worker said of itself: libraries, instruction set, protocol and version.
struct GreetedWorker {
  let greeting: WorkerReply

  /// Starts a worker, hears its greeting and lets it go.
  ///
  /// - Throws: Exit 5 for a program that cannot be started, 9 for one of another protocol, 3 for
  ///   one that answers with something else, with nothing in time, or not at all.
  init(_ launch: WorkerLaunch = .own) throws(Problem) {
    let client = try WorkerClient(launch)
    defer { client.quit() }
    greeting = client.greeting
  }

  /// The context of what this worker measures.
  func context(noise: NoiseMeter = NoiseMeter(), seed: UInt64) -> Context {
    var outcome = MeasurementOutcome()
    outcome.libraries = greeting.libraries ?? []
    outcome.march = greeting.march
    return ContextReader.context(noise: noise, outcome: outcome, seed: seed, git: greeting.git)
  }
}
