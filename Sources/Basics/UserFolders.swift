import Foundation

/// Where the user's own files lie, by the XDG base directory rules.
package enum UserFolders {
  /// `$XDG_DATA_HOME/costcurve`, or `~/.local/share/costcurve`.
  package static func data(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String { folder("XDG_DATA_HOME", fallback: ".local/share", environment) }

  /// `$XDG_CACHE_HOME/costcurve`, or `~/.cache/costcurve`: what can be made again.
  package static func cache(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String { folder("XDG_CACHE_HOME", fallback: ".cache", environment) }

  /// The history's database where `--database` names no other.
  package static func database() -> String { data() + "/history.sqlite" }

  // The rules say that a relative path in these variables is to be ignored.
  private static func folder(
    _ variable: String, fallback: String, _ environment: [String: String]
  ) -> String {
    if let path = environment[variable], path.hasPrefix("/") { return path + "/costcurve" }
    let home = environment["HOME"] ?? NSHomeDirectory()
    return "\(home)/\(fallback)/costcurve"
  }
}
