import Formats
import Graphs

/// A safetensors file that holds exactly a network's parameters.
package struct WeightFile: WeightSource {
  /// The network, with the number of classes that the file has.
  package let network: Network
  private let file: SafetensorsFile

  /// Opens a file and holds its names and shapes against the network.
  ///
  /// Tensors named `num_batches_tracked` are ignored.
  ///
  /// - Parameters:
  ///   - path: A safetensors file.
  ///   - name: The network's name on the command line.
  /// - Throws: An unknown network, a damaged file, or one for another network.
  package init(path: String, network name: String) throws(FileError) {
    let usual = try Network.named(name)
    let file = try SafetensorsFile(path: path)
    let classes = WeightFile.classes(in: file, of: usual)
    let network = try Network.named(name, classes: classes ?? usual.classes)
    if let problem = WeightFile.mismatch(of: file, with: network) {
      var sentence = "\(path): \(problem)"
      if let other = WeightFile.recognised(file), other != name {
        sentence += "; it looks like \(other), try --network \(other)"
      } else {
        sentence += "; export the weights of \(name) with torchvision's names and shapes"
      }
      throw FileError(.malformed, sentence)
    }
    (self.network, self.file) = (network, file)
  }

  /// Opens a file of a network that its names and shapes tell.
  ///
  /// - Parameter path: A safetensors file.
  /// - Throws: A damaged file, or one for no network that is known.
  package init(recognising path: String) throws(FileError) {
    guard let name = WeightFile.recognised(try SafetensorsFile(path: path)) else {
      throw FileError(
        .malformed,
        "\(path): holds the weights of no network that is known; name one with --network")
    }
    try self.init(path: path, network: name)
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    try file.read(parameter.name, into: values)
    for (index, value) in values.enumerated() {
      guard value.isFinite, value >= 0 || parameter.role != .runningVariance else {
        throw FileError(
          .malformed,
          "\(file.path): element \(index) of tensor \(parameter.name) is \(value); "
            + "export weights that are \(value.isFinite ? "not negative here" : "finite")")
      }
    }
  }

  /// The number of classes that the last layer has.
  private static func classes(in file: SafetensorsFile, of network: Network) -> Int? {
    let last = network.parameters.suffix(2).compactMap { file.entries[$0.name]?.shape.first }
    return last.first { $0 > 0 }
  }

  /// The first thing in which the file is not the network's, or nil.
  private static func mismatch(of file: SafetensorsFile, with network: Network) -> String? {
    let parameters = network.parameters
    for parameter in parameters {
      guard let entry = file.entries[parameter.name] else {
        return "lacks tensor \(parameter.name)"
      }
      guard entry.shape == parameter.shape else {
        return "tensor \(parameter.name) has shape \(entry.shape), "
          + "but \(network.name) needs \(parameter.shape)"
      }
      guard ["F32", "F16", "BF16"].contains(entry.type) else {
        return "tensor \(parameter.name) has dtype \(entry.type), not F32, F16 or BF16"
      }
    }
    let known = Set(parameters.map(\.name))
    let extra = file.entries.keys.filter { !known.contains($0) && !isIgnored($0) }.min()
    return extra.map { "has tensor \($0), which \(network.name) does not" }
  }

  private static func isIgnored(_ name: String) -> Bool {
    name == "num_batches_tracked" || name.hasSuffix(".num_batches_tracked")
  }

  /// The network whose names and shapes these are, the number of classes left open.
  private static func recognised(_ file: SafetensorsFile) -> String? {
    Network.names.first { name in
      guard let usual = try? Network.named(name),
        let network = try? Network.named(name, classes: classes(in: file, of: usual) ?? 1000)
      else { return false }
      return mismatch(of: file, with: network) == nil
    }
  }
}
