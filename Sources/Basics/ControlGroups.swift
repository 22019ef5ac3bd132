import Foundation

/// Where the kernel shows the control groups of this process, by which containers limit it.
package enum ControlGroups {
  /// The folders of this process's groups and of all above them, of versions 2 and 1.
  ///
  /// - Parameters:
  ///   - controller: What the groups limit, such as `memory`.
  ///   - proc: Where the process file system is.
  ///   - sys: Where the folders of the control groups are.
  /// - Returns: Paths that need not exist, the mount points first.
  package static func folders(
    of controller: String, proc: String = "/proc", sys: String = "/sys"
  ) -> [String] {
    let membership = FileManager.default.contents(atPath: proc + "/self/cgroup") ?? Data()
    var folders = ["", "/unified", "/" + controller]
    for line in String(decoding: membership, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      var mounts = ["", "/unified"]
      if !parts[1].isEmpty {
        let names = parts[1].split(separator: ",")
        guard names.contains(Substring(controller)) else { continue }
        // Controllers that share a folder are named in either order.
        mounts = [
          controller, names.joined(separator: ","), names.reversed().joined(separator: ","),
        ]
        .map { "/" + $0 }
      }
      var path = parts[2].split(separator: "/")
      folders += mounts
      while !path.isEmpty {
        folders += mounts.map { $0 + "/" + path.joined(separator: "/") }
        path.removeLast()
      }
    }
    return folders.map { sys + "/fs/cgroup" + $0 }
  }
}
