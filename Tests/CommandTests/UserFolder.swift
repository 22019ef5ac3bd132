import TestSupport

/// A folder of one's own that `costcurve` runs in and keeps its data in.
struct UserFolder {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Starts `costcurve` with these arguments.
  func start(_ arguments: [String]) throws -> CommandProcess.Running {
    try CommandProcess.Running(
      arguments,
      environment: [
        "XDG_DATA_HOME": directory.root, "XDG_CACHE_HOME": directory.path("cache"),
      ], directory: directory.root)
  }

  /// Runs `costcurve` with these arguments to its end.
  func run(_ arguments: String...) throws -> CommandProcess { try start(arguments).result() }
}
