import Basics
import Formats

/// Which input or output of a model comes from or goes to which file.
struct NamedFiles {
  /// In the order in which they were asked for.
  let paths: [(name: String, path: String)]

  /// Reads `FILE`, which serves where there is one, and `NAME=FILE`.
  ///
  /// - Parameters:
  ///   - arguments: As the command line has them.
  ///   - option: Whose values they are: `--input` or `--output`.
  ///   - names: Of the inputs or outputs.
  ///   - plain: Which of several a file is of without a name; nil for none.
  ///   - subject: The network or model, for sentences.
  /// - Throws: `usage` for a file of which it is not told what it is, and for a name given twice.
  init(
    _ arguments: [String], of option: String, names: [String], plain: String? = nil, subject: String
  ) throws(Problem) {
    var paths: [(name: String, path: String)] = []
    for argument in arguments {
      let name =
        names.first { argument.hasPrefix("\($0)=") } ?? (names.count == 1 ? names[0] : plain)
      guard !names.isEmpty else {
        throw Problem(.usage, "\(option) \(argument): \(subject) takes none; leave it out.")
      }
      guard let name else {
        let example = names.map { "\(option) \($0)=\($0).npy" }.joined(separator: " ")
        throw Problem(
          .usage,
          "\(option) \(argument): \(subject) \(option == "--input" ? "takes" : "gives") "
            + "\(names.joined(separator: " and ")); say which, as in '\(example)'.")
      }
      guard !paths.contains(where: { $0.name == name }) else {
        throw Problem(.usage, "\(option): \(name) is given two files; name one.")
      }
      let isNamed = argument.hasPrefix("\(name)=")
      paths.append((name, isNamed ? String(argument.dropFirst(name.count + 1)) : argument))
    }
    self.paths = paths
  }

  /// Refuses places that cannot be written, and two outputs for standard output.
  ///
  /// - Throws: `usage` or `cannotWrite`.
  func refuseUnwritable() throws {
    guard paths.count(where: { AtomicFile.isStandardOutput($0.path) }) < 2 else {
      throw Problem(.usage, "--output: standard output can take one output; give files.")
    }
    for file in paths { try AtomicFile.refuseUnwritable(file.path) }
  }

  /// The file of each, by name.
  var byName: [String: String] {
    Dictionary(paths.map { ($0.name, $0.path) }, uniquingKeysWith: { $1 })
  }
}
