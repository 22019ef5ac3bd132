import CShims
import Foundation
import Harness
import Kernels

/// The numeric library that this process has really loaded, in its own words.
package enum LoadedLibrary {
  /// Whatever answers `cblas_sgemm`, OpenBLAS or a library in front of it; loads it.
  ///
  /// Nil where neither is installed.
  package static var cblas: Context.Library? {
    guard OpenBLAS.absence == nil else { return nil }
    guard let file = cblasFile else { return openBLAS }
    let handle = dlopen(file, RTLD_LAZY | RTLD_NOLOAD)
    defer { if let handle { dlclose(handle) } }
    let other = other(file: file) { symbol in handle.flatMap { dlsym($0, symbol) } }
    return other ?? openBLAS
  }

  /// The file whose `cblas_sgemm` this process calls, links followed.
  package static var cblasFile: String? {
    guard let address = OpenBLAS.productAddress, let file = costcurve_file_of(address) else {
      return nil
    }
    return URL(fileURLWithPath: String(cString: file)).resolvingSymlinksInPath().path
  }

  /// OpenBLAS: version, the core that it chose for this CPU, and the threads that it would take.
  private static var openBLAS: Context.Library {
    let words = OpenBLAS.configuration.split(separator: " ").map(String.init)
    let version = words.first == "OpenBLAS" && words.count > 1 ? words[1] : "unknown"
    return Context.Library(
      name: "OpenBLAS", version: version,
      configuration:
        "core \(OpenBLAS.coreName), \(OpenBLAS.defaultThreads) threads, \(OpenBLAS.threading); "
        + OpenBLAS.configuration)
  }

  /// What a library with OpenBLAS's interface is, where it is not OpenBLAS.
  ///
  /// - Parameters:
  ///   - file: Its path, links followed.
  ///   - symbol: Looks a name up in it and in what it needs.
  /// - Returns: Name and version by the symbols that only that library has, else by its file's name;
  ///   nil for OpenBLAS.
  package static func other(
    file: String, symbol: (String) -> UnsafeMutableRawPointer?
  ) -> Context.Library? {
    // Builds that Python's packages bring have names of their own.
    let names = ["openblas_get_config", "scipy_openblas_get_config"]
    if names.contains(where: { symbol($0) != nil }) { return nil }
    let base = (file as NSString).lastPathComponent
    let stem = base.components(separatedBy: ".so")[0]
    var version = base.components(separatedBy: ".so.").dropFirst().first ?? "unknown"
    let name: String
    if let text = symbol("bli_info_get_version_str") {
      name = "BLIS"
      typealias Text = @convention(c) () -> UnsafePointer<CChar>?
      version = unsafeBitCast(text, to: Text.self)().map { String(cString: $0) } ?? version
    } else if symbol("ATL_sgemm") != nil {
      name = "ATLAS"
    } else if symbol("mkl_get_version") != nil || symbol("MKL_Get_Version") != nil {
      name = "MKL"
    } else {
      name = stem
    }
    return Context.Library(
      name: name, version: version,
      configuration: "\(base) in front of OpenBLAS; threads by its own variables, not by --threads")
  }
}
