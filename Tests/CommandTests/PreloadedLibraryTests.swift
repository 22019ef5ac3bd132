import Foundation
import Harness
import TestSupport
import Testing

/// A library in front of OpenBLAS, as `openblas@/path/lib.so` puts it, is named for what it is.
struct PreloadedLibraryTests {
  /// In front of OpenBLAS it would answer nothing: OpenBLAS would be timed under its name.
  @Test(.enabled(if: CompiledLibrary.canBeMade, "needs clang on the PATH"))
  func aLibraryThatOnlyNeedsAnotherIsRefused() throws {
    let folder = try TemporaryDirectory()
    let inner = try CompiledLibrary.make("libinner.so", "void cblas_sgemm(void) {}", in: folder)
    let outer = try CompiledLibrary.make(
      "libouter.so", "void other(void) {}", in: folder, needing: inner)
    let outcome = try CommandProcess([
      "compare", "openblas", "openblas@\(outer)", "--filter", "^gemm/256x", "--no-save",
    ])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("it has no cblas_sgemm of its own"), "\(outcome.errors)")
  }

  @Test(.enabled(if: CompiledLibrary.canBeMade, "needs clang on the PATH"))
  func aLibraryInFrontIsNotCalledOpenBLAS() throws {
    let folder = try TemporaryDirectory()
    let library = try CompiledLibrary.make(
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

  /// Builds that Python's packages bring have functions of other names.
  @Test(.enabled(if: CompiledLibrary.canBeMade, "needs clang on the PATH"))
  func aLibraryOfPythonsIsOpenBLAS() throws {
    let folder = try TemporaryDirectory()
    let library = try CompiledLibrary.make(
      "libscipy_openblas.so",
      """
      void scipy_cblas_sgemm(void) {}
      void scipy_cblas_sgemv(void) {}
      const char *scipy_openblas_get_config(void) { return "OpenBLAS 0.3.99 made up"; }
      const char *scipy_openblas_get_corename(void) { return "Made"; }
      int scipy_openblas_get_num_procs(void) { return 1; }
      int scipy_openblas_get_num_threads(void) { return 1; }
      int scipy_openblas_get_parallel(void) { return 1; }
      void scipy_openblas_set_num_threads(int count) { (void)count; }
      """, in: folder)
    let binary = try CommandProcess.binary().path
    let hello = try CommandProcess(
      ["-c", "echo hello | LD_PRELOAD='\(library)' '\(binary)' worker"], of: "/bin/sh")
    let greeting = try ResultRecord.decoder().decode(
      WorkerReply.self, from: Data(hello.output.utf8))
    #expect(greeting.cblasFile == URL(fileURLWithPath: library).resolvingSymlinksInPath().path)
    #expect(greeting.libraries?.map(\.version) == ["0.3.99"], "\(hello.output) \(hello.errors)")
  }

  /// Its own program starts with it, and this one does not: a library that ends whoever loads it.
  @Test(.enabled(if: CompiledLibrary.canBeMade, "needs clang on the PATH"))
  func aLibraryThatEndsItsProgramEndsAWorker() throws {
    let folder = try TemporaryDirectory()
    let library = try CompiledLibrary.make(
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
