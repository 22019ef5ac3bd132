import Basics
import CShims
import Foundation

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
  private let watch: StallWatch

  private init(
    rank: Int, count: Int, library: MPILibrary, threadLevel: Int, stallSeconds: Double
  ) {
    (self.rank, self.count, self.library) = (rank, count, library)
    (self.threadLevel, self.stallSeconds) = (threadLevel, stallSeconds)
    places = RankPlaces([])
    let sentence =
      "costcurve: rank \(rank) of \(count): a call of \(library.version) has not returned for "
      + "\(Int(stallSeconds)) s; another rank or the way to it has gone.\n"
    watch = StallWatch {
      // Not to be waited for, either: MPI may hold the lock of its own messages.
      var text = sentence
      _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      _exit(3)
    }
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
    var (level, rank, size): (Int32, Int32, Int32) = (0, 0, 0)
    try check(costcurve_mpi_start(&level), "MPI_Init_thread")
    try check(costcurve_mpi_world(&rank, &size), "MPI_Comm_size")
    guard Int(size) == count else {
      let seen = "\(library.version) (\(library.file)) sees \(Self.processes(Int(size)))"
      _ = costcurve_mpi_finish()
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
      _ = costcurve_mpi_finish()
      throw Problem(
        .absent,
        "\(library.version) was built for programs of one thread; install one that was not, such "
          + "as the package \(library.family.debianPackage).")
    }
    let group = RankGroup(
      rank: Int(rank), count: count, library: library, threadLevel: Int(level),
      stallSeconds: stallSeconds)
    let texts = try group.gather(texts: RankPlace.here().text)
    group.places = RankPlaces(texts.map { RankPlace($0) })
    return group
  }

  /// Leaves the job in good order; every rank has to.
  ///
  /// The library itself would wait for one that has gone without a deadline, so it is left out then.
  package func leave() {
    guard (try? barrier("the end of the job")) != nil else { return }
    watch.begin(stallSeconds)
    _ = costcurve_mpi_finish()
    watch.end()
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
    watch.begin(stallSeconds)
    let code = body()
    watch.end()
    try check(code, name)
  }

  /// `rank 1 of 3 (host)`.
  package var name: String {
    "rank \(rank) of \(count)" + (places.all.isEmpty ? "" : " (\(places.all[rank].host))")
  }

  private func check(_ code: Int32, _ name: String) throws(Problem) {
    do throws(Problem) {
      try Self.check(code, name)
    } catch {
      throw Problem(error.kind, "\(self.name): \(error)")
    }
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

  private static func processes(_ count: Int) -> String {
    count == 1 ? "1 process" : "\(count) processes"
  }
}
