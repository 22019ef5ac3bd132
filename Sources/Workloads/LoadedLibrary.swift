import CShims
import Foundation
import Harness
import Kernels

/// The numeric library that this process has really loaded, in its own words.
package enum LoadedLibrary {
  /// Whatever answers `cblas_sgemm`: the OpenBLAS that was linked, or a library in front of it.
  package static var cblas: Context.Library {
    guard let file = file(of: "cblas_sgemm") else { return openBLAS }
    let handle = dlopen(file, RTLD_LAZY | RTLD_NOLOAD)
    defer { if let handle { dlclose(handle) } }
    let other = other(file: URL(fileURLWithPath: file).resolvingSymlinksInPath().path) { symbol in
      handle.flatMap { dlsym($0, symbol) }
    }
    return other ?? openBLAS
  }

  /// OpenBLAS: version, the core that it chose for this CPU, and its threads.
  private static var openBLAS: Context.Library {
    let words = OpenBLAS.configuration.split(separator: " ").map(String.init)
    let version = words.first == "OpenBLAS" && words.count > 1 ? words[1] : "unknown"
    return Context.Library(
      name: "OpenBLAS", version: version,
      configuration:
        "core \(OpenBLAS.coreName), \(OpenBLAS.threads) threads, \(OpenBLAS.threading); "
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
    if symbol("openblas_get_config") != nil { return nil }
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

  /// Whether an opened library has a symbol of its own, and not only something that it needs.
  ///
  /// - Parameters:
  ///   - symbol: The name.
  ///   - library: What `dlopen` gave for the file.
  ///   - file: Its path.
  /// - Returns: Whether the symbol's address lies in that file, links followed.
  package static func defines(
    _ symbol: String, in library: UnsafeMutableRawPointer, file: String
  ) -> Bool {
    guard let address = dlsym(library, symbol), let found = costcurve_file_of(address) else {
      return false
    }
    let files = [file, String(cString: found)].map {
      URL(fileURLWithPath: $0).resolvingSymlinksInPath().path
    }
    return files[0] == files[1]
  }

  /// The file that a symbol of this process comes from.
  private static func file(of symbol: String) -> String? {
    guard let all = dlopen(nil, RTLD_LAZY) else { return nil }
    defer { dlclose(all) }
    guard let address = dlsym(all, symbol) else { return nil }
    return costcurve_file_of(address).map { String(cString: $0) }
  }
}
