import CBLAS

/// The OpenBLAS library that this process has really loaded.
public enum OpenBLAS {
  /// Version and build options, as the library prints them, for example
  /// `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64`.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// The kernels that the library chose for this CPU, for example `Zen` or `SkylakeX`.
  public static var coreName: String { String(cString: openblas_get_corename()) }

  /// How the library makes threads.
  public static var threading: String {
    switch openblas_get_parallel() {
    case OPENBLAS_SEQUENTIAL: "sequential"
    case OPENBLAS_THREAD: "pthreads"
    case OPENBLAS_OPENMP: "OpenMP"
    case let other: "unknown (\(other))"
    }
  }

  /// Threads that the next call into the library will use.
  public static var threads: Int { Int(openblas_get_num_threads()) }

  /// Sets how many threads the next calls use.
  ///
  /// Process-wide, so call it between regions of a pool, never inside one. Inside a region the
  /// count is 1: the pool's workers each make calls of their own, and the library's threads,
  /// which spin for milliseconds after a call, would fight with them for the cores.
  ///
  /// - Parameter count: At least 1.
  public static func setThreads(_ count: Int) {
    precondition(count >= 1, "OpenBLAS needs at least one thread, not \(count)")
    if threads != count { openblas_set_num_threads(Int32(count)) }
  }
}
