import Harness
import Kernels

/// The numeric libraries that this process has really loaded, in their own words.
package enum LoadedLibrary {
  /// OpenBLAS: version, the core that it chose for this CPU, and its threads.
  package static var openBLAS: Context.Library {
    let words = OpenBLAS.configuration.split(separator: " ").map(String.init)
    let version = words.first == "OpenBLAS" && words.count > 1 ? words[1] : "unknown"
    return Context.Library(
      name: "OpenBLAS", version: version,
      configuration:
        "core \(OpenBLAS.coreName), \(OpenBLAS.threads) threads, \(OpenBLAS.threading); "
        + OpenBLAS.configuration)
  }
}
