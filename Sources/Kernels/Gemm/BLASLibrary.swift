import Basics
import CBLAS
import Glibc

/// The functions of the BLAS library, which is loaded when one of them is first needed.
///
/// Nothing is linked: OpenBLAS starts a thread per CPU while it is loaded, for which a process under
/// a limit on memory or threads waits for ever, whatever it was started for. It is loaded with one
/// thread, and `OpenBLAS.setThreads` adds the others when a product is to use them.
struct BLASLibrary: Sendable {
  let sgemm: costcurve_cblas_sgemm
  let sgemv: costcurve_cblas_sgemv
  /// OpenBLAS's own; nil where only another library is there, which has its own ways.
  let setThreads: costcurve_openblas_set_count?
  let threads: costcurve_openblas_get_count?
  let processors: costcurve_openblas_get_count?
  let threading: costcurve_openblas_get_count?
  let configuration: costcurve_openblas_get_text?
  let coreName: costcurve_openblas_get_text?
  /// Where `cblas_sgemm` lies in memory.
  nonisolated(unsafe) let address: UnsafeMutableRawPointer

  /// The library, or what the loader said where there is none; loads it at the first look.
  static let loaded: Result<BLASLibrary, Problem> = load()

  /// The library.
  ///
  /// - Precondition: `OpenBLAS.absence` is nil.
  static let required: BLASLibrary = {
    switch loaded {
    case .success(let library): return library
    case .failure(let absence): preconditionFailure("OpenBLAS: \(absence)")
    }
  }()

  /// The names that distributions give it, the one of the binary interface first.
  private static let files = ["libopenblas.so.0", "libopenblas.so"]

  /// What names begin with in the builds that Python's packages bring.
  private static let pythonPrefix = "scipy_"

  private static func load() -> Result<BLASLibrary, Problem> {
    // What was loaded in front, by LD_PRELOAD, answers for what it has.
    let isPythons =
      dlsym(nil, "cblas_sgemm") == nil && dlsym(nil, pythonPrefix + "cblas_sgemm") != nil
    let prefix = isPythons ? pythonPrefix : ""
    let own = dlsym(nil, prefix + "cblas_sgemm")
    let openBLAS = dlsym(nil, prefix + "openblas_get_config") == nil ? open() : nil
    let reason = own == nil && openBLAS == nil ? loaderMessage() : ""
    func symbol(_ name: String) -> UnsafeMutableRawPointer? {
      dlsym(nil, prefix + name) ?? openBLAS.flatMap { dlsym($0, name) }
    }
    func function<T>(_ name: String, as type: T.Type) -> T? {
      symbol(name).map { unsafeBitCast($0, to: type) }
    }
    guard let sgemm = symbol("cblas_sgemm"),
      let sgemv = function("cblas_sgemv", as: costcurve_cblas_sgemv.self)
    else {
      return .failure(Problem(.absent, reason.isEmpty ? "has no cblas_sgemv" : reason))
    }
    let count = costcurve_openblas_get_count.self
    let text = costcurve_openblas_get_text.self
    return .success(
      BLASLibrary(
        sgemm: unsafeBitCast(sgemm, to: costcurve_cblas_sgemm.self), sgemv: sgemv,
        setThreads: function("openblas_set_num_threads", as: costcurve_openblas_set_count.self),
        threads: function("openblas_get_num_threads", as: count),
        processors: function("openblas_get_num_procs", as: count),
        threading: function("openblas_get_parallel", as: count),
        configuration: function("openblas_get_config", as: text),
        coreName: function("openblas_get_corename", as: text), address: sgemm))
  }

  /// Loads OpenBLAS with one thread, whatever the environment asks for, and leaves that as it was.
  private static func open() -> UnsafeMutableRawPointer? {
    let variable = "OPENBLAS_NUM_THREADS"
    let earlier = getenv(variable).map { String(cString: $0) }
    setenv(variable, "1", 1)
    defer {
      if let earlier { setenv(variable, earlier, 1) } else { unsetenv(variable) }
    }
    for file in files {
      if let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) { return handle }
    }
    return nil
  }

  private static func loaderMessage() -> String {
    dlerror().map { String(cString: $0) } ?? "it cannot be loaded"
  }
}
