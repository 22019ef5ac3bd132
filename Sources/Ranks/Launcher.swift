/// Who started this process beside others of its job, by the variables that launchers set.
package struct Launcher: Hashable, Sendable {
  /// As a sentence names it.
  package var name: String
  /// Processes that it started; nil where it does not say.
  package var count: Int?
  /// Whose library its processes have to load; nil where several can be meant.
  package var family: MPILibrary.Family?

  /// The launcher of this process; nil where nothing tells of one.
  ///
  /// Variables of batch systems, such as Slurm's, are set for a shell of one process, too, and are
  /// not looked at.
  ///
  /// - Parameter environment: The process's variables.
  /// - Returns: The first that has left a trace.
  package static func of(_ environment: [String: String]) -> Launcher? {
    if let size = environment["OMPI_COMM_WORLD_SIZE"] {
      return Launcher(name: "Open MPI's mpirun", count: Int(size), family: .openMPI)
    }
    if environment["PMI_RANK"] != nil || environment["PMI_FD"] != nil {
      return Launcher(
        name: "a launcher of MPICH's kind", count: environment["PMI_SIZE"].flatMap { Int($0) },
        family: .mpich)
    }
    if environment["PMIX_RANK"] != nil {
      return Launcher(name: "a launcher that speaks PMIx", count: nil, family: nil)
    }
    return nil
  }
}
