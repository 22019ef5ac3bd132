import Basics
import CShims
import Foundation
import Glibc

/// The processes of one job, seen from one of them.
///
/// One thread calls, the one that joined.
package final class RankGroup: RankLink {
  package let rank: Int
  package let count: Int
  package let library: MPILibrary
  /// What the library lets threads do, 1 to 3: one of several may call it, at least.
  package let threadLevel: Int
  package let stallSeconds: Double
  /// Where the ranks run.
  package private(set) var places: RankPlaces
  /// Whether all ranks know that they are to end, and can leave in good order.
  package private(set) var endsTogether = false
  /// What has ended the job for this rank: nothing of MPI is to be waited for after it.
  private(set) var fault: Problem?
  private let watch: StallWatch

  private init(
    rank: Int, count: Int, library: MPILibrary, threadLevel: Int, stallSeconds: Double,
    watch: StallWatch
  ) {
    (self.rank, self.count, self.library) = (rank, count, library)
    (self.threadLevel, self.stallSeconds, self.watch) = (threadLevel, stallSeconds, watch)
    places = RankPlaces([])
    watch.rename("rank \(rank) of \(count)")
  }

  /// Joins the job that a launcher started.
  ///
  /// - Parameters:
  ///   - count: Processes that the user says there are, 2 or more.
  ///   - stallSeconds: That any wait for another rank may take.
  ///   - environment: The process's variables.
  /// - Returns: The job.
  /// - Throws: `absent` without a library, or with one of another MPI than the launcher; `usage`
  ///   where another number of processes was started.
  package static func join(
    count: Int, stallSeconds: Double,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Problem) -> RankGroup {
    let launcher = Launcher.of(environment)
    let line = "mpirun -np \(count) costcurve … --ranks \(count)"
    if let launcher, let started = launcher.count, started != count {
      throw Problem(
        .usage,
        "--ranks \(count), but \(launcher.name) started \(Self.processes(started)); give both the "
          + "same number, as in '\(line)'.")
    }
    let library = try MPILibrary.load(for: launcher, file: environment[MPILibrary.variable])
    MPILibrary.preferRing()
    let own = launcher?.rank.map { "rank \($0) of \(count)" } ?? "a rank of \(count)"
    let watch = StallWatch(own) { name in
      // Not to be waited for, either: MPI may hold the lock of its own messages.
      RankGroup.say(
        "\(name): a call of \(library.version) has not returned for \(Int(stallSeconds)) s; another "
          + "rank or the way to it has gone.")
      _exit(3)
    }
    var (level, rank, size): (Int32, Int32, Int32) = (0, 0, 0)
    // It returns once every rank has called it.
    let started = watch.during(stallSeconds) { costcurve_mpi_start(&level) }
    try check(started, "MPI_Init_thread")
    try check(costcurve_mpi_world(&rank, &size), "MPI_Comm_size")
    guard Int(size) == count else {
      let seen = "\(library.version) (\(library.file)) sees \(Self.processes(Int(size)))"
      _ = watch.during(stallSeconds) { costcurve_mpi_finish() }
      guard let launcher else {
        throw Problem(
          .usage, "--ranks \(count), but \(seen) of the job: start it by '\(line)'.")
      }
      let wanted = launcher.family ?? library.family
      throw Problem(
        .absent,
        "--ranks \(count), but \(seen) of what \(launcher.name) started: the launcher is of "
          + "another MPI; install its library by the package \(wanted.debianPackage), or name "
          + "that in \(MPILibrary.variable).")
    }
    guard level >= 1 else {
      _ = watch.during(stallSeconds) { costcurve_mpi_finish() }
      throw Problem(
        .absent,
        "\(library.version) was built for programs of one thread; install one that was not, such "
          + "as the package \(library.family.debianPackage).")
    }
    let group = RankGroup(
      rank: Int(rank), count: count, library: library, threadLevel: Int(level),
      stallSeconds: stallSeconds, watch: watch)
    do throws(Problem) {
      let texts = try group.gather(texts: RankPlace.here().text)
      group.places = RankPlaces(texts.map { RankPlace($0) })
    } catch {
      // The others are in the job, and nobody has it yet who could end it.
      say("\(error).")
      group.abort(3)
    }
    return group
  }

  /// Leaves the job in good order; every rank has to.
  ///
  /// The library itself would wait for one that has gone without a deadline, so it is left out then.
  ///
  /// - Throws: `caseFailed` where another rank hangs or has gone, now or earlier.
  package func leave() throws(Problem) {
    if let fault { throw fault }
    try barrier("the end of the job")
    _ = watch.during(stallSeconds) { costcurve_mpi_finish() }
  }

  /// Ends this rank and all others.
  ///
  /// - Parameter code: The exit code.
  package func abort(_ code: Int32) -> Never {
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 5)
      _exit(code)
    }
    costcurve_mpi_abort(code)
    _exit(code)
  }

  /// A problem that every rank has come to at the same point: one of them says it, and all leave.
  ///
  /// - Parameters:
  ///   - kind: The same on all.
  ///   - sentence: Said by one rank.
  ///   - speaker: Which; rank 0 unless given.
  /// - Returns: The problem, without its sentence on the others.
  package func together(
    _ kind: Problem.Kind, _ sentence: String, saidBy speaker: Int = 0
  ) -> Problem {
    endsTogether = true
    return Problem(kind, rank == speaker ? sentence : "")
  }

  /// Calls the library under the watch.
  func call(_ name: String, _ body: () -> Int32) throws(Problem) {
    let code = watch.during(stallSeconds, body)
    do throws(Problem) {
      try Self.check(code, name)
    } catch {
      throw broken("\(self.name): \(error)")
    }
  }

  /// Remembers that this rank can do no more with the others.
  ///
  /// - Parameter sentence: Why.
  /// - Returns: The problem.
  func broken(_ sentence: String) -> Problem {
    let problem = Problem(.caseFailed, sentence)
    if fault == nil { fault = problem }
    return problem
  }

  /// `rank 1 of 3 (host)`.
  package var name: String {
    "rank \(rank) of \(count)" + (places.all.isEmpty ? "" : " (\(places.all[rank].host))")
  }

  private static func check(_ code: Int32, _ name: String) throws(Problem) {
    guard code != 0 else { return }
    let capacity = 512
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    text.initialize(repeating: 0, count: capacity)
    defer { text.deallocate() }
    costcurve_mpi_error(code, text, capacity)
    throw Problem(.caseFailed, "\(name) failed: \(String(cString: text))")
  }

  /// Says a sentence on standard error, at once.
  private static func say(_ sentence: String) {
    var text = "costcurve: \(sentence)\n"
    _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func processes(_ count: Int) -> String {
    count == 1 ? "1 process" : "\(count) processes"
  }
}
