import CBLAS
import Glibc

/// The OpenBLAS library of this process; each of these loads it.
public enum OpenBLAS {
  /// Why no library with the CBLAS interface can be used, in the loader's words; nil where one can.
  public static var absence: String? {
    if case .failure(let absence) = BLASLibrary.loaded { absence.description } else { nil }
  }

  /// Where the `cblas_sgemm` that is called lies in memory; nil where there is none.
  public static var productAddress: UnsafeMutableRawPointer? {
    (try? BLASLibrary.loaded.get())?.address
  }

  /// Version and build options, as the library prints them, for example
  /// `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64`.
  public static var configuration: String { text(BLASLibrary.required.configuration) }

  /// The kernels that the library chose for this CPU, for example `Zen` or `SkylakeX`.
  public static var coreName: String { text(BLASLibrary.required.coreName) }

  /// How the library makes threads.
  public static var threading: String {
    switch BLASLibrary.required.threading?() {
    case OPENBLAS_SEQUENTIAL: "sequential"
    case OPENBLAS_THREAD: "pthreads"
    case OPENBLAS_OPENMP: "OpenMP"
    case let other: "unknown (\(other.map { "\($0)" } ?? "not told"))"
    }
  }

  /// Threads that the next call into the library will use.
  public static var threads: Int { Int(BLASLibrary.required.threads?() ?? 1) }

  /// Threads that the library takes for a program that does not set them: one a CPU of the affinity
  /// mask, or what its variables say.
  public static var defaultThreads: Int {
    let variables: [String] = ["OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"]
    let told = variables.lazy.compactMap { (name: String) -> Int? in
      getenv(name).flatMap { value in Int(String(cString: value)) }
    }.first { $0 > 0 }
    let processors = Int(BLASLibrary.required.processors?() ?? 1)
    let limit = configuration.split(separator: " ").last { $0.hasPrefix("MAX_THREADS=") }
      .flatMap { Int($0.dropFirst(12)) }
    return max(1, min(told ?? processors, processors, limit ?? processors))
  }

  /// Sets how many threads the next calls use.
  ///
  /// Process-wide, so call it between regions of a pool, never inside one. Inside a region the
  /// count is 1: the pool's workers each make calls of their own, and the library's threads,
  /// which spin for milliseconds after a call, would fight with them for the cores.
  ///
  /// - Parameter count: At least 1.
  public static func setThreads(_ count: Int) {
    precondition(count >= 1, "OpenBLAS needs at least one thread, not \(count)")
    if threads != count { BLASLibrary.required.setThreads?(Int32(count)) }
  }

  private static func text(_ function: costcurve_openblas_get_text?) -> String {
    function.flatMap { $0() }.map { String(cString: $0) } ?? "unknown"
  }
}
