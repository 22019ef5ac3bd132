import Basics
import Ranks
import Testing

/// What the environment and the loader tell of an MPI, without one.
@Suite struct LauncherTests {
  @Test func knowsWhoStartedIt() {
    let open = Launcher.of(["OMPI_COMM_WORLD_SIZE": "3", "PMIX_RANK": "1", "PMI_RANK": "1"])
    #expect(open?.count == 3 && open?.family == .openMPI && open?.rank == nil)
    let mpich = Launcher.of(["PMI_RANK": "2", "PMI_SIZE": "4"])
    #expect(mpich?.count == 4 && mpich?.family == .mpich && mpich?.rank == 2)
    let silent = Launcher.of(["PMI_FD": "7"])
    #expect(silent?.count == nil && silent?.family == .mpich)
    let exchange = Launcher.of(["PMIX_RANK": "0"])
    #expect(exchange?.rank == 0 && exchange?.count == nil && exchange?.family == nil)
  }

  /// A shell within a job of a batch system has its variables, and is one process.
  @Test func isNotMisledByABatchSystem() {
    #expect(Launcher.of(["SLURM_NTASKS": "8", "SLURM_PROCID": "0", "PATH": "/bin"]) == nil)
    #expect(Launcher.of([:]) == nil)
  }

  @Test func aFileThatIsNoLibraryIsRefused() {
    for file in ["/nowhere/libmpi.so", "/proc/self/exe", ""] {
      let problem = #expect(throws: Problem.self) {
        try MPILibrary.load(for: nil, file: file)
      }
      #expect(problem?.kind == (file.isEmpty ? .usage : .absent))
      #expect(problem?.description.contains(MPILibrary.variable) == true)
    }
  }

  @Test func keepsWhatSteersAnMPI() {
    let kept = MPILibrary.settings(in: [
      "OMPI_MCA_coll_tuned_use_dynamic_rules": "1", "UCX_TLS": "tcp", "PATH": "/bin",
      "OMPI_MCA_orte_hnp_uri": "1;tcp://10.0.0.1:1",
    ])
    #expect(Set(kept.keys) == ["OMPI_MCA_coll_tuned_use_dynamic_rules", "UCX_TLS"])
  }

  /// Names of hosts may differ on one machine, and be the same on several.
  @Test func countsMachinesByWhatTheKernelDrew() {
    let places = RankPlaces([
      RankPlace(host: "a", machine: "one", cpus: "0-1"),
      RankPlace(host: "b", machine: "one", cpus: "0-1"),
      RankPlace(host: "a", machine: "two", cpus: "0"),
      RankPlace(host: "a", machine: "two", cpus: "1"),
    ])
    #expect(places.machines == 2)
    #expect(places.sentence == "4 ranks on 2 machines")
    #expect((0..<4).map { places.sharing($0) } == [2, 2, 1, 1])
    #expect((0..<4).map { places.onMachine(of: $0) } == [2, 2, 2, 2])
  }

  /// Ids mean something within one machine and one namespace only.
  @Test func namesProcessesThatARankCanSee() {
    let places = RankPlaces([
      RankPlace(host: "a", machine: "one", cpus: "0", process: "40/11"),
      RankPlace(host: "a", machine: "one", cpus: "0", process: "40/12"),
      RankPlace(host: "a", machine: "one", cpus: "0", process: "4/13"),
      RankPlace(host: "b", machine: "two", cpus: "0", process: "40/14"),
      RankPlace(host: "a", machine: "one", cpus: "0"),
    ])
    #expect((0..<5).map { places.processes(beside: $0) } == [[12], [11], [], [], []])
  }
}
