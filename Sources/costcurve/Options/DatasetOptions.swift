import ArgumentParser
import Basics
import Models
import Training

/// Which images to train on.
struct DatasetOptions: ParsableArguments {
  @Option(
    help: "Folder of the data set's IDX files; Debian's package unless given.",
    completion: .directory)
  var data: String?

  @Option(name: .customLong("train-images"), help: "Use only this many training images, the first.")
  var trainImages: Int?

  func validate() throws {
    if let trainImages, trainImages < 2 {
      throw ValidationError("--train-images needs at least 2, not \(trainImages).")
    }
  }

  /// Reads the data set, once for all networks that are to be trained on it.
  ///
  /// - Parameter networks: Each is compared with the images.
  /// - Returns: Training and test images.
  /// - Throws: Absent or damaged files, or images that a network cannot take.
  func read(for networks: [Network]) throws -> FashionMNIST {
    for network in networks where !network.isSmall {
      let others = try Network.names.filter {
        let other = try Network.named($0)
        return other.isSmall && other.outputs.count == 1
      }
      throw Problem(
        .usage,
        "--network \(network.name) takes colour images; for fashion-mnist choose one of "
          + "\(others.joined(separator: ", ")).")
    }
    for network in networks { try network.requireOneHead() }
    let folder = data ?? FashionMNIST.defaultFolder
    var images = try FashionMNIST(folder: folder)
    for network in networks
    where images.train.size < network.minimumInputSize || images.train.size != images.test.size {
      throw Problem(
        .malformed,
        "\(folder): images of \(images.train.size) and \(images.test.size) pixels; "
          + "\(network.name) takes one size of \(network.minimumInputSize) or more.")
    }
    if let trainImages { images.train = images.train.prefix(trainImages) }
    return images
  }
}
