import Foundation
import Harness
import TestSupport
import Testing

/// A library in front of OpenBLAS, as `openblas@/path/lib.so` puts it, is named for what it is.
struct PreloadedLibraryTests {
  private static let hasCompiler = CommandProcess.path(of: "clang") != nil

  /// The path of a shared library made of C.
  private func compile(
    _ name: String, _ text: String, in folder: TemporaryDirectory, needing: String...
  ) throws -> String {
    let source = try folder.file(name + ".c", Data(text.utf8))
    let library = folder.path(name)
    let compiler = try #require(CommandProcess.path(of: "clang"))
    let compiled = try CommandProcess(
      ["-shared", "-fPIC", "-Wl,--no-as-needed", "-o", library, source] + needing, of: compiler)
    try #require(compiled.status == 0, "\(compiled.errors)")
    return library
  }

  /// In front of OpenBLAS it would answer nothing: OpenBLAS would be timed under its name.
  @Test(.enabled(if: hasCompiler, "needs the toolchain's clang on the PATH"))
  func aLibraryThatOnlyNeedsAnotherIsRefused() throws {
    let folder = try TemporaryDirectory()
    let inner = try compile("libinner.so", "void cblas_sgemm(void) {}", in: folder)
    let outer = try compile("libouter.so", "void other(void) {}", in: folder, needing: inner)
    let outcome = try CommandProcess([
      "compare", "openblas", "openblas@\(outer)", "--filter", "^gemm/256x", "--no-save",
    ])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("it has no cblas_sgemm of its own"), "\(outcome.errors)")
  }

  @Test(.enabled(if: hasCompiler, "needs the toolchain's clang on the PATH"))
  func aLibraryInFrontIsNotCalledOpenBLAS() throws {
    let folder = try TemporaryDirectory()
    let library = try compile(
      "libother.so.7",
      """
      const char *bli_info_get_version_str(void) { return "0.9.9"; }
      void cblas_sgemm(void) {}
      """, in: folder)
    let binary = try CommandProcess.binary().path
    let hello = try CommandProcess(
      ["-c", "echo hello | LD_PRELOAD='\(library)' '\(binary)' worker"], of: "/bin/sh")
    let greeting = try ResultRecord.decoder().decode(
      WorkerReply.self, from: Data(hello.output.utf8))
    #expect(greeting.cblasFile == URL(fileURLWithPath: library).resolvingSymlinksInPath().path)
    let libraries = try #require(greeting.libraries)
    #expect(libraries.map(\.name) == ["BLIS"], "\(hello.output) \(hello.errors)")
    #expect(libraries.map(\.version) == ["0.9.9"])
    #expect(!"\(libraries)".contains(folder.root), "a record holds no path")
  }

  /// Its own program starts with it, and this one does not: a library that ends whoever loads it.
  @Test(.enabled(if: hasCompiler, "needs the toolchain's clang on the PATH"))
  func aLibraryThatEndsItsProgramEndsAWorker() throws {
    let folder = try TemporaryDirectory()
    let library = try compile(
      "libend.so",
      """
      #include <stdlib.h>
      void cblas_sgemm(void) {}
      __attribute__((constructor)) static void end(void) { _Exit(5); }
      """, in: folder)
    let outcome = try CommandProcess([
      "compare", "openblas", "openblas@\(library)", "--filter", "^gemm/256x", "--no-save",
    ])
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(outcome.errors.contains("it exited with code 5"), "\(outcome.errors)")
  }
}
