import Basics
import Formats
import Models

/// Which output of a network goes to which file.
struct OutputFiles {
  /// In the order in which they were asked for.
  let paths: [(name: String, path: String)]

  /// Reads `FILE`, which serves where there is one output, and `NAME=FILE`.
  ///
  /// - Parameters:
  ///   - arguments: As the command line has them, at least one.
  ///   - network: Whose outputs they are.
  /// - Throws: `Problem` of kind `usage` for a file whose output is not told, for an output that is
  ///   named twice, and for two that go to standard output.
  init(_ arguments: [String], of network: Network) throws(Problem) {
    let names = network.outputs.map(\.name)
    var paths: [(name: String, path: String)] = []
    for argument in arguments {
      let name = names.first { argument.hasPrefix("\($0)=") } ?? (names.count == 1 ? names[0] : nil)
      guard let name else {
        let example = names.map { "--output \($0)=\($0).npy" }.joined(separator: " ")
        throw Problem(
          .usage,
          "--output \(argument): \(network.name) gives \(names.joined(separator: " and ")); say "
            + "which, as in '\(example)'.")
      }
      guard !paths.contains(where: { $0.name == name }) else {
        throw Problem(.usage, "--output: \(name) is to go to two files; name one.")
      }
      let isNamed = argument.hasPrefix("\(name)=")
      paths.append((name, isNamed ? String(argument.dropFirst(name.count + 1)) : argument))
    }
    guard paths.count(where: { AtomicFile.isStandardOutput($0.path) }) < 2 else {
      throw Problem(.usage, "--output: standard output can take one output; give files.")
    }
    self.paths = paths
  }
}
