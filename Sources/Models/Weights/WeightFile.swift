import Basics
import Formats
import Graphs

/// A safetensors file that holds exactly a network's parameters.
package struct WeightFile: WeightSource {
  /// The network, with the number of classes that the file has.
  package let network: Network
  /// What stands before every name in the file, as `module.` of PyTorch's DataParallel does, and is
  /// left out; mostly empty.
  package let prefix: String
  /// Whether the network has an auxiliary head in training that the file has no tensor of.
  package var lacksAuxiliary: Bool { fresh != nil }
  private let file: SafetensorsFile
  /// What such a head begins with; nil where there is none, or where the file has it.
  private let fresh: FreshWeights?
  /// What fixes these.
  package let freshSeed: UInt32

  /// Opens a file and holds its names and shapes against the network.
  ///
  /// Tensors named `num_batches_tracked` are ignored, those that only training reads, and what stands
  /// before all names. Training reads the tensors of an auxiliary head where the file has them, and
  /// begins with fresh ones where it has none.
  ///
  /// - Parameters:
  ///   - path: A safetensors file.
  ///   - name: The network's name on the command line.
  ///   - freshSeed: Fixes what a head begins with that the file lacks.
  /// - Throws: An unknown network, a damaged file, or one for another network.
  package init(path: String, network name: String, freshSeed: UInt32 = 1) throws(Problem) {
    let usual = try Network.named(name)
    let file = try SafetensorsFile(path: path)
    let prefix = WeightFile.prefix(in: file, of: usual, usual.parameters)
    let network = try Network.named(name, classes: WeightFile.classes(in: file, of: usual, prefix))
    if let problem = WeightFile.mismatch(of: file, with: network, prefix) {
      var sentence = "\(path): \(problem.what)"
      if let remedy = problem.remedy {
        sentence += "; \(remedy)"
      } else if let other = WeightFile.recognised(file), other != name {
        sentence += "; it looks like \(other), try --network \(other)"
      } else {
        let reference = network.item == .sequence ? "its reference" : "torchvision"
        sentence += "; export the weights of \(name) with \(reference)'s names and shapes"
      }
      throw Problem(.malformed, sentence)
    }
    (self.network, self.prefix, self.file) = (network, prefix, file)
    self.freshSeed = freshSeed
    let hasAuxiliary = network.auxiliary.map { auxiliary in
      file.entries.keys.contains {
        $0.hasPrefix(prefix + auxiliary.prefix) && !$0.hasSuffix(".num_batches_tracked")
      }
    }
    fresh = hasAuxiliary == false ? FreshWeights(for: network, seed: freshSeed) : nil
  }

  /// Opens a file of a network that its names and shapes tell.
  ///
  /// - Parameter path: A safetensors file.
  /// - Throws: A damaged file, or one for no network that is known.
  package init(recognising path: String) throws(Problem) {
    guard let name = WeightFile.recognised(try SafetensorsFile(path: path)) else {
      throw Problem(
        .malformed,
        "\(path): holds the weights of no network that is known; name one with --network")
    }
    try self.init(path: path, network: name)
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    if let auxiliary = network.auxiliary, parameter.name.hasPrefix(auxiliary.prefix) {
      if let fresh { return try fresh.read(parameter, into: values) }
      try refuseOther(parameter)
    }
    try file.read(
      Self.name(of: parameter, in: file, network, prefix) ?? prefix + parameter.name, into: values)
    for (index, value) in values.enumerated() {
      guard value.isFinite, value >= 0 || parameter.role != .runningVariance else {
        throw Problem(
          .malformed,
          "\(file.path): element \(index) of tensor \(parameter.name) is \(value); "
            + "export weights that are \(value.isFinite ? "not negative here" : "finite")")
      }
    }
  }

  /// Refuses a tensor that only training reads, and that the file lacks or has in another shape.
  private func refuseOther(_ parameter: Parameter) throws(Problem) {
    let name = prefix + parameter.name
    guard let entry = file.entries[name] else {
      throw Problem(
        .malformed,
        "\(file.path): lacks tensor \(name), which training needs beside the others of that head; "
          + "export all of them, or none to begin with fresh ones")
    }
    guard entry.shape == parameter.shape else {
      throw Problem(
        .malformed,
        "\(file.path): tensor \(name) has shape \(entry.shape), but training \(network.name) needs "
          + "\(parameter.shape); leave that head's tensors out to begin with fresh ones")
    }
  }

  /// What stands before every name of a network's parameters in the file; empty where nothing does.
  private static func prefix(
    in file: SafetensorsFile, of network: Network, _ parameters: [Parameter]
  ) -> String {
    let firsts = parameters.first.map { network.spelling.names(of: $0.name) } ?? []
    guard firsts.allSatisfy({ file.entries[$0] == nil }) else { return "" }
    let prefixes = firsts.flatMap { first in
      file.entries.keys.filter { $0.hasSuffix("." + first) }
        .map { String($0.dropLast(first.count)) }
    }
    return prefixes.sorted { ($0.count, $0) < ($1.count, $1) }
      .first { prefix in
        parameters.allSatisfy { name(of: $0, in: file, network, prefix) != nil }
          && file.entries.keys.allSatisfy { $0.hasPrefix(prefix) || isIgnored($0[...], network) }
      } ?? ""
  }

  /// The name that a parameter has in the file; nil where it is not there.
  private static func name(
    of parameter: Parameter, in file: SafetensorsFile, _ network: Network, _ prefix: String
  ) -> String? {
    network.spelling.names(of: parameter.name).map { prefix + $0 }
      .first { file.entries[$0] != nil }
  }

  /// The number of classes that the last layer has; nil for what has none.
  private static func classes(
    in file: SafetensorsFile, of network: Network, _ prefix: String
  ) -> Int? {
    guard network.takesClasses else { return nil }
    return network.logitParameters.compactMap { file.entries[prefix + $0]?.shape.first }
      .first { $0 > 0 }
  }

  /// In what a file is not a network's.
  private struct Mismatch {
    var what: String
    /// What to do, where it is not another file that is needed.
    var remedy: String?
  }

  /// The first thing in which the file is not the network's, or nil.
  private static func mismatch(
    of file: SafetensorsFile, with network: Network, _ prefix: String
  ) -> Mismatch? {
    let parameters = network.parameters
    for parameter in parameters {
      let name = name(of: parameter, in: file, network, prefix) ?? prefix + parameter.name
      guard let entry = file.entries[name] else {
        let near = file.entries.keys.filter { $0.hasSuffix("." + parameter.name) }
          .min { ($0.count, $0) < ($1.count, $1) }
        return Mismatch(what: "lacks tensor \(name)" + (near.map { ", but has \($0)" } ?? ""))
      }
      guard entry.shape == parameter.shape else {
        return Mismatch(
          what: "tensor \(name) has shape \(entry.shape), "
            + "but \(network.name) needs \(parameter.shape)")
      }
      guard ElementType(rawValue: entry.type) != nil else {
        return Mismatch(
          what: "tensor \(name) has dtype \(entry.type), which is not known",
          remedy: "export it as F32, F16 or BF16")
      }
    }
    let known = Set(parameters.compactMap { name(of: $0, in: file, network, prefix) })
    let extra = file.entries.keys.filter { name in
      let own = name.hasPrefix(prefix) ? name.dropFirst(prefix.count) : name[...]
      return !known.contains(name) && !isIgnored(own, network)
    }.min()
    return extra.map { Mismatch(what: "has tensor \($0), which \(network.name) does not") }
  }

  /// Whether a tensor, its prefix left out, is one that inference does not read.
  private static func isIgnored(_ name: Substring, _ network: Network) -> Bool {
    name == "num_batches_tracked" || name.hasSuffix(".num_batches_tracked")
      || network.ignoredPrefixes.contains { name.hasPrefix($0) } || network.spelling.ignores(name)
  }

  /// The network whose names and shapes these are, the number of classes left open.
  private static func recognised(_ file: SafetensorsFile) -> String? {
    usual.first { usual in
      let (network, parameters) = (usual.network, usual.parameters)
      let prefix = prefix(in: file, of: network, parameters)
      guard parameters.allSatisfy({ name(of: $0, in: file, network, prefix) != nil }),
        let own = try? Network.named(
          network.name, classes: classes(in: file, of: network, prefix))
      else { return false }
      return mismatch(of: file, with: own, prefix) == nil
    }?.network.name
  }

  /// All networks with their parameters, whose names are the same for any number of classes; made
  /// once, as there are thousands.
  private static let usual: [(network: Network, parameters: [Parameter])] =
    Network.names.compactMap { name in
      (try? Network.named(name)).map { (network: $0, parameters: $0.parameters) }
    }
}
