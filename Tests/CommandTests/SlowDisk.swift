import Foundation
import TestSupport

/// A disk on which every file below a folder takes its time once, from a moment that a test chooses.
///
/// It is a library in front of the C library, so that the command under test knows nothing of it.
struct SlowDisk {
  private let folder: TemporaryDirectory
  private let library: String
  private let slowFolder: String
  private let seconds: Int

  /// - Parameters:
  ///   - slowFolder: Whose files are slow; the beginning of their paths.
  ///   - seconds: That the first write, flush or rename of each file takes.
  /// - Throws: Where the library cannot be made.
  init(of slowFolder: String, seconds: Int) throws {
    folder = try TemporaryDirectory()
    (self.slowFolder, self.seconds) = (slowFolder, seconds)
    library = try CompiledLibrary.make("libslow.so", Self.source, in: folder)
  }

  /// What a command must find in its environment.
  var environment: [String: String] {
    [
      "LD_PRELOAD": library, "SLOW_FOLDER": slowFolder, "SLOW_SECONDS": "\(seconds)",
      "SLOW_WHEN": folder.path("when"), "SLOW_SEEN": folder.path("seen"),
    ]
  }

  /// Makes it slow from now on.
  func begin() throws { _ = try folder.file("when", Data()) }

  /// Waits until some file is being slow; false where none is within a minute.
  func isSeen() -> Bool {
    let deadline = Date(timeIntervalSinceNow: 60)
    while Date() < deadline {
      if FileManager.default.fileExists(atPath: folder.path("seen")) { return true }
      usleep(2_000)
    }
    return false
  }

  private static let source = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>

    static char done[64][512];
    static int count;

    static void slow(const char *path) {
      const char *folder = getenv("SLOW_FOLDER"), *when = getenv("SLOW_WHEN");
      if (!folder || !path || strncmp(path, folder, strlen(folder)) || access(when, F_OK)) return;
      for (int i = 0; i < count; i++) if (!strcmp(done[i], path)) return;
      if (count == 64) return;
      snprintf(done[count++], sizeof done[0], "%s", path);
      int mark = open(getenv("SLOW_SEEN"), O_CREAT | O_WRONLY, 0644);
      if (mark >= 0) close(mark);
      int left = atoi(getenv("SLOW_SECONDS"));
      while (left) left = sleep(left);
    }

    static void slow_file(int descriptor) {
      char link[64], path[512];
      snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
      ssize_t length = readlink(link, path, sizeof path - 1);
      if (length < 0) return;
      path[length] = 0;
      slow(path);
    }

    #define FORWARD(result, name, parameters, arguments, what) \
      result name parameters { \
        static result(*next) parameters; \
        if (!next) next = dlsym(RTLD_NEXT, #name); \
        what; \
        return next arguments; \
      }
    FORWARD(int, rename, (const char *a, const char *b), (a, b), slow(b))
    FORWARD(int, fsync, (int f), (f), slow_file(f))
    FORWARD(ssize_t, pwrite64, (int f, const void *p, size_t n, off64_t at), (f, p, n, at),
            slow_file(f))
    """#
}
