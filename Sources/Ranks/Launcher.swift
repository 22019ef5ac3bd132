/// Who started this process beside others of its job, by the variables that launchers set.
package struct Launcher: Hashable, Sendable {
  /// As a sentence names it.
  package var name: String
  /// Processes that it started; nil where it does not say.
  package var count: Int?
  /// Whose library its processes have to load; nil where several can be meant.
  package var family: MPILibrary.Family?
  /// Which of them this process is, from 0; nil where it does not say.
  package var rank: Int?

  /// Names one; the rest is what it says.
  package init(
    name: String, count: Int? = nil, family: MPILibrary.Family? = nil, rank: Int? = nil
  ) {
    (self.name, self.count, self.family, self.rank) = (name, count, family, rank)
  }

  /// The launcher of this process; nil where nothing tells of one.
  ///
  /// Variables of batch systems, such as Slurm's, are set for a shell of one process, too, and are
  /// not looked at.
  ///
  /// - Parameter environment: The process's variables.
  /// - Returns: The first that has left a trace.
  package static func of(_ environment: [String: String]) -> Launcher? {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    if environment["OMPI_COMM_WORLD_SIZE"] != nil {
      return Launcher(
        name: "Open MPI's mpirun", count: number("OMPI_COMM_WORLD_SIZE"), family: .openMPI,
        rank: number("OMPI_COMM_WORLD_RANK"))
    }
    if environment["PMI_RANK"] != nil || environment["PMI_FD"] != nil {
      return Launcher(
        name: "a launcher of MPICH's kind", count: number("PMI_SIZE"), family: .mpich,
        rank: number("PMI_RANK"))
    }
    if environment["PMIX_RANK"] != nil {
      return Launcher(name: "a launcher that speaks PMIx", rank: number("PMIX_RANK"))
    }
    return nil
  }
}
