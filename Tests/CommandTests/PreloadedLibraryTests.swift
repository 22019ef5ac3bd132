import Foundation
import TestSupport
import Testing

/// A library in front of OpenBLAS, as `openblas@/path/lib.so` puts it, is named for what it is.
struct PreloadedLibraryTests {
  private static let compiler = CommandProcess.path(of: "clang")

  @Test(.enabled(if: compiler != nil, "needs the toolchain's clang on the PATH"))
  func aLibraryInFrontIsNotCalledOpenBLAS() throws {
    let folder = try TemporaryDirectory()
    let source = try folder.file(
      "blis.c",
      Data(
        """
        const char *bli_info_get_version_str(void) { return "0.9.9"; }
        void cblas_sgemm(void) {}
        """.utf8))
    let library = folder.path("libother.so.7")
    let compiled = try CommandProcess(
      ["-shared", "-fPIC", "-o", library, source], of: try #require(Self.compiler))
    try #require(compiled.status == 0, "\(compiled.errors)")
    let binary = try CommandProcess.binary().path
    let hello = try CommandProcess(
      ["-c", "echo hello | LD_PRELOAD='\(library)' '\(binary)' worker"], of: "/bin/sh")
    #expect(hello.output.contains(#""name":"BLIS""#), "\(hello.output) \(hello.errors)")
    #expect(hello.output.contains(#""version":"0.9.9""#))
    #expect(!hello.output.contains(folder.root), "a record holds no path")
  }
}
