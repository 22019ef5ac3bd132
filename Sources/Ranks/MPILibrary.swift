import Basics
import CShims
import Glibc

/// A library of MPI that this process has loaded.
package struct MPILibrary: Hashable, Sendable {
  /// Whose launcher and binary interface a library goes with.
  package enum Family: String, CaseIterable, Sendable {
    case openMPI = "Open MPI"
    case mpich = "MPICH"
    /// The interface that MPI 5.0 lays down, which several libraries have.
    case standard = "MPI 5.0"

    /// Names that the dynamic loader knows a library of the family by.
    var files: [String] {
      switch self {
      case .openMPI: ["libmpi.so.40"]
      // Debian's, and that of MPICH's own build and of Intel MPI.
      case .mpich: ["libmpich.so.12", "libmpi.so.12"]
      case .standard: ["libmpi_abi.so.1"]
      }
    }

    /// Debian's package that has launcher and library.
    package var debianPackage: String {
      switch self {
      case .openMPI: "openmpi-bin"
      case .mpich, .standard: "mpich"
      }
    }
  }

  package var family: Family
  /// What it says of itself, such as `Open MPI v4.1.4`.
  package var version: String
  /// Where it lies.
  package var file: String

  /// Names a library's file where the usual names do not lead to it.
  package static let variable = "COSTCURVE_MPI_LIBRARY"

  /// Loads the library that goes with a launcher; the first that there is where that is open.
  ///
  /// - Parameters:
  ///   - launcher: Who started this process.
  ///   - file: The library's file, where the user names one.
  /// - Returns: The library, in force for the rest of the process.
  /// - Throws: `absent`, with the package to install.
  package static func load(
    for launcher: Launcher?, file: String?
  ) throws(Problem) -> MPILibrary {
    if let file {
      guard !file.isEmpty else {
        throw Problem(.usage, "\(variable) is empty; unset it, or name a library's file in it.")
      }
      switch open(file) {
      case .success(let library): return library
      case .failure(let reason):
        throw Problem(.absent, "\(variable)=\(file) is no MPI that can be used: \(reason).")
      }
    }
    let families: [Family] =
      switch launcher?.family {
      case .openMPI: [.openMPI, .standard]
      case .mpich: [.mpich, .standard]
      case .standard, nil: [.openMPI, .mpich, .standard]
      }
    var reasons: [String] = []
    for name in families.flatMap(\.files) {
      switch open(name) {
      case .success(let library): return library
      case .failure(let reason): reasons.append("\(reason)")
      }
    }
    let wanted = launcher?.family ?? .openMPI
    let start = launcher.map { "\($0.name) started this process, but no" } ?? "no"
    throw Problem(
      .absent,
      "\(start) library of \(wanted.rawValue) can be loaded (\(reasons[0])); install the package "
        + "\(wanted.debianPackage), or name the library's file in \(variable).")
  }

  /// Why a file is no library that can be used, a clause.
  private struct Reason: Error, CustomStringConvertible {
    var description: String
  }

  private static func open(_ name: String) -> Result<MPILibrary, Reason> {
    let capacity = 512
    let why = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    why.initialize(repeating: 0, count: capacity)
    defer { why.deallocate() }
    let family: Family
    switch costcurve_mpi_load(name, why, capacity) {
    case 1: family = .openMPI
    case 2: family = .mpich
    case 3: family = .standard
    default: return .failure(Reason(description: String(cString: why)))
    }
    return .success(
      MPILibrary(
        family: family, version: shortened(String(cString: costcurve_mpi_version())),
        file: costcurve_mpi_file().map { String(cString: $0) } ?? name))
  }

  /// Name and version of what may say a paragraph about itself.
  ///
  /// - Parameter text: A library's own description.
  /// - Returns: Its first clause, blanks one at a time.
  static func shortened(_ text: String) -> String {
    let clause = text.prefix { $0 != "," && $0 != "\n" }
    return clause.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing(" Version: ", with: " ").replacing(" Library ", with: " ")
  }

  /// Sets what makes the library's own sums go round in a ring, unless the user has chosen; before
  /// `RankGroup.join`.
  ///
  /// By default non-blocking sums of long vectors send up to five times as much.
  static func preferRing() {
    setenv("OMPI_MCA_coll_libnbc_iallreduce_algorithm", "1", 0)
    setenv("MPIR_CVAR_IALLREDUCE_INTRA_ALGORITHM", "tsp_ring", 0)
  }

  /// Variables that steer an MPI, with their values, for records.
  ///
  /// - Parameter environment: The process's variables.
  /// - Returns: Those that are set.
  package static func settings(in environment: [String: String]) -> [String: String] {
    environment.filter { entry in
      // A launcher tells its processes much else under Open MPI's prefix, addresses above all.
      [
        "OMPI_MCA_coll", "OMPI_MCA_btl", "OMPI_MCA_pml", "OMPI_MCA_mtl", "MPIR_CVAR_", "UCX_",
        "FI_",
      ].contains { entry.key.hasPrefix($0) }
    }
  }
}
