import Foundation
import TestSupport
import Testing
import Workloads

/// What a record calls the library that answered, by what that library alone exports.
struct LoadedLibraryTests {
  /// A function of this process that returns a text, in place of BLIS's version.
  private func text() throws -> UnsafeMutableRawPointer {
    try #require(dlopen(nil, RTLD_LAZY).flatMap { dlsym($0, "zlibVersion") })
  }

  @Test func theLoadedLibraryIsOpenBLAS() {
    #expect(LoadedLibrary.cblas?.name == "OpenBLAS")
    #expect(LoadedLibrary.cblas?.version.contains(".") == true)
    #expect(LoadedLibrary.cblasFile?.contains("openblas") == true)
  }

  @Test(arguments: [
    ("/lib/atlas/libblas.so.3.10.3", "ATL_sgemm", "ATLAS", "3.10.3"),
    ("/opt/libmkl_rt.so.2", "mkl_get_version", "MKL", "2"),
    ("/opt/libarmpl.so", "none", "libarmpl", "unknown"),
  ])
  func othersAreNamedForWhatTheyAre(
    _ file: String, _ mark: String, _ name: String, _ version: String
  ) throws {
    let text = try text()
    let library = LoadedLibrary.other(file: file) { $0 == mark ? text : nil }
    #expect(library?.name == name)
    #expect(library?.version == version)
    #expect(library?.configuration.contains((file as NSString).lastPathComponent) == true)
    #expect(library?.configuration.contains("/") == false, "a record holds no path")
  }

  @Test func blisTellsItsVersion() throws {
    let text = try text()
    let library = LoadedLibrary.other(file: "/lib/libblas.so.3") {
      $0 == "bli_info_get_version_str" ? text : nil
    }
    #expect(library?.name == "BLIS")
    #expect(library?.version.hasPrefix("1.") == true, "the text of the function given")
  }

  @Test func anotherOpenBLASIsNoOtherLibrary() throws {
    let text = try text()
    #expect(LoadedLibrary.other(file: "/opt/libopenblas.so.0") { _ in text } == nil)
  }
}
