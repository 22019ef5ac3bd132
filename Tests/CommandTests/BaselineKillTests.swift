import Foundation
import History
import TestSupport
import Testing

/// `baseline save` over a baseline, killed before each of its steps on the disk in turn.
@Suite(.enabled(if: CompiledLibrary.canBeMade, "needs the toolchain's clang on the PATH"))
struct BaselineKillTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  // Whether the file system can exchange two folders in one step.
  @Test(arguments: [true, false]) func oldOrNewIsWholeAtEveryStep(exchanges: Bool) throws {
    let database = directory.path("h.sqlite")
    let store = BaselineStore(besideDatabase: database)
    var environment = [
      "LD_PRELOAD": try CompiledLibrary.make("libkill.so", Self.source, in: directory),
      "KILL_BELOW": store.folder,
    ]
    if !exchanges { environment["KILL_NO_EXCHANGE"] = "1" }
    let binaries = try [1, 2_000_000].map {
      try ScriptedWorker.write("worker\($0)", in: directory, ns: $0)
    }
    let contents = try binaries.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    func save(_ turn: Int, killedBefore step: Int) throws -> CommandProcess {
      environment["KILL_AT"] = "\(step)"
      return try CommandProcess(
        [
          "baseline", "save", "main", "--binary", binaries[turn % 2], "--filter", "^gemm/256x",
          "--threads", "1", "--database", database,
        ], environment: environment)
    }
    #expect(try save(0, killedBefore: 0).status == 0)

    var step = 0
    while true {
      step += 1
      let run = try save(step, killedBefore: step)
      let kept = store.list()
      try #require(kept.map(\.name) == ["main"], "killed before step \(step): \(run.errors)")
      let content = try Data(contentsOf: URL(fileURLWithPath: try store.executable("main")))
      #expect(contents.contains(content), "killed before step \(step)")
      #expect(kept.first?.bytes == content.count, "the record is of another executable")
      if run.status == 0 { break }
      try #require(run.status == 137, "\(run.errors)")
    }
    // Folder, two files of content, mode and flush each, the exchange, and what it left.
    #expect(step > 8, "only \(step) steps were seen")
    // The whole save took away what the killed ones had left.
    #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder) == ["main"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(store.folder)/main").count == 2)
  }

  /// Ends the process before the step of number `KILL_AT` on a path below a folder; 0 for never.
  private static let source = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <signal.h>
    #include <stdarg.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/stat.h>
    #include <unistd.h>

    static int steps;

    static void step(const char *path) {
      const char *folder = getenv("KILL_BELOW"), *at = getenv("KILL_AT");
      if (!folder || !at || !path || strncmp(path, folder, strlen(folder))) return;
      if (++steps == atoi(at)) kill(getpid(), SIGKILL);
    }

    static void step_file(int descriptor) {
      char link[64], path[512];
      snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
      ssize_t length = readlink(link, path, sizeof path - 1);
      if (length < 0) return;
      path[length] = 0;
      step(path);
    }

    #define FORWARD(result, name, parameters, arguments, what) \
      result name parameters { \
        static result(*next) parameters; \
        if (!next) next = dlsym(RTLD_NEXT, #name); \
        what; \
        return next arguments; \
      }
    FORWARD(int, mkdir, (const char *a, mode_t m), (a, m), step(a))
    FORWARD(int, rename, (const char *a, const char *b), (a, b), step(b))
    FORWARD(int, unlink, (const char *a), (a), step(a))
    FORWARD(int, rmdir, (const char *a), (a), step(a))
    FORWARD(int, remove, (const char *a), (a), step(a))
    FORWARD(int, unlinkat, (int d, const char *a, int f), (d, a, f), step_file(d))
    FORWARD(int, chmod, (const char *a, mode_t m), (a, m), step(a))
    FORWARD(int, fchmod, (int f, mode_t m), (f, m), step_file(f))
    FORWARD(int, fsync, (int f), (f), step_file(f))
    FORWARD(ssize_t, write, (int f, const void *p, size_t n), (f, p, n), step_file(f))

    int renameat2(int a, const char *p, int b, const char *q, unsigned flags) {
      static int (*next)(int, const char *, int, const char *, unsigned);
      if (!next) next = dlsym(RTLD_NEXT, "renameat2");
      step(q);
      if (getenv("KILL_NO_EXCHANGE")) {
        errno = EINVAL;
        return -1;
      }
      return next(a, p, b, q, flags);
    }
    """#
}
