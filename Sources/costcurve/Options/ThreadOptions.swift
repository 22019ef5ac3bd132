import ArgumentParser
import Basics
import Harness
import Workloads

/// How many threads to use; all that this process may have, unless told.
struct ThreadOptions: ParsableArguments, GivenThreads {
  @Option(help: "Threads; all that affinity and container quota allow, unless given.")
  var threads: NumberList?

  /// 1 and the count in force: what a table shows to tell how work scales.
  func ladder() throws -> [Int] {
    let count = try count()
    return threads != nil || count == 1 ? [count] : [1, count]
  }
}

/// The same for a command that measures each of several counts.
struct ThreadListOptions: ParsableArguments, GivenThreads {
  @Option(
    help: """
      Threads; all that affinity and container quota allow, unless given. Each of a list is \
      measured, such as 1,2.
      """)
  var threads: NumberList?

  /// The thread counts in force, of which several may be given.
  ///
  /// - Throws: What `count` throws, but for their number.
  func counts() throws -> [Int] {
    guard let threads, threads.isList else { return [try count()] }
    if let refusal = threads.refusal(of: "--threads", in: Int.min...Int.max) {
      throw Problem(.usage, refusal)
    }
    return try threads.numbers.map { try allowed($0) }
  }
}

/// What `--threads` was given.
protocol GivenThreads {
  var threads: NumberList? { get }
}

extension GivenThreads {
  /// The thread count in force.
  ///
  /// - Throws: `Problem` of kind `usage` where several are given, or one that is not between 1 and
  ///   what this process may have; `malformed` where a limit on processes allows no such number.
  func count() throws -> Int {
    try allowed(threads?.one(of: "--threads") ?? MachineReader.availableThreads)
  }

  fileprivate func allowed(_ count: Int) throws -> Int {
    let available = MachineReader.availableThreads
    guard (1...available).contains(count) else {
      throw Problem(
        .usage,
        "--threads \(count): this process may use 1 to \(available) "
          + "(CPUs of its affinity mask and container quota).")
    }
    if let refusal = ThreadLimit.refusal(count) { throw Problem(.malformed, refusal + ".") }
    return count
  }
}
