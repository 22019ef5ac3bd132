import Basics
import Foundation
import Harness
import Ranks

/// A command as one of several ranks: rank 0 alone speaks, and what goes wrong on one ends all.
struct RankedRun {
  let group: RankGroup

  /// Whether this is the rank that prints, keeps the history and writes files.
  var speaks: Bool { group.rank == 0 }

  /// Does the command's work and leaves the job.
  ///
  /// - Parameter body: What each rank does.
  func run(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      let problem = error as? Problem ?? Problem(.malformed, "\(error)")
      guard group.endsTogether else { end(problem) }
      problem.say()
      leave()
      exit(ExitStatus(problem.kind).rawValue)
    }
    leave()
  }

  /// Leaves the job, or ends all of it where another rank does not.
  private func leave() {
    do throws(Problem) { try group.leave() } catch { end(error) }
  }

  /// Ends all ranks for a problem of this one.
  private func end(_ problem: Problem) -> Never {
    named(problem).say()
    group.abort(ExitStatus(problem.kind).rawValue)
  }

  /// Does what each rank does for itself before they need one another.
  ///
  /// - Parameter body: Ends well within the time that ranks wait for one another.
  /// - Returns: What it returns, once it has ended well on all ranks.
  /// - Throws: Its problem, said by the first rank that has one; all leave in good order.
  func together<Result>(_ body: () throws -> Result) throws -> Result {
    let outcome = Swift.Result { try body() }
    var problem: Problem?
    if case .failure(let error) = outcome {
      problem = error as? Problem ?? Problem(.malformed, "\(error)")
    }
    let own = problem.map { ExitStatus($0.kind).rawValue } ?? 0
    let codes = try group.gather([own], "what the ranks prepare").map { $0[0] }
    guard let first = codes.firstIndex(where: { $0 != 0 }) else { return try outcome.get() }
    let kind = Problem.Kind.allCases.first { ExitStatus($0).rawValue == codes[first] }
    let sentence = problem.map { first == 0 ? $0.description : named($0).description } ?? ""
    throw group.together(kind ?? .malformed, sentence, saidBy: first)
  }

  /// A problem of one rank, with the rank's name.
  private func named(_ problem: Problem) -> Problem {
    guard !problem.description.isEmpty, !problem.description.hasPrefix("rank ") else {
      return problem
    }
    return Problem(problem.kind, "\(group.name): \(problem.description)")
  }

  /// Who is there, and what they may use: a launcher that binds ranks to cores leaves them with less
  /// than the machine has.
  ///
  /// - Parameter threads: Of this rank.
  /// - Returns: Lines for people.
  func lines(threads: Int) -> [String] {
    let place = group.places.all[group.rank]
    var lines = [
      "costcurve: \(group.places.sentence), \(group.library.version), "
        + "\(Units.count(threads, "thread")) each; rank \(group.rank) may use CPU \(place.cpus)."
    ]
    let machine = MachineReader.machine()
    if MachineReader.availableThreads == 1, machine.cores > group.places.onMachine(of: group.rank) {
      lines.append(
        "costcurve: the launcher binds each rank to one CPU of \(machine.cores); "
          + "'mpirun --bind-to none' leaves them all.")
    }
    return lines
  }
}

extension RankedRun? {
  /// Does what each rank does for itself, or one process alone.
  func together<Result>(_ body: () throws -> Result) throws -> Result {
    guard let self else { return try body() }
    return try self.together(body)
  }

  /// A problem that all ranks have come to, or one process alone.
  func problem(_ kind: Problem.Kind, _ sentence: String) -> Problem {
    self?.group.together(kind, sentence) ?? Problem(kind, sentence)
  }

  /// Whether this process prints and writes files.
  var speaks: Bool { self?.speaks ?? true }
}
