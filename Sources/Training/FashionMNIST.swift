import Basics
import Formats
import Foundation

/// Small grey images with labels, in memory as bytes.
package struct ImageSet: Sendable {
  /// Side of an image.
  package let size: Int
  /// One byte a pixel, image by image, row by row.
  package let pixels: [UInt8]
  /// One class number an image.
  package let labels: [UInt8]

  package init(size: Int, pixels: [UInt8], labels: [UInt8]) {
    precondition(pixels.count == labels.count * size * size, "\(pixels.count) pixels")
    (self.size, self.pixels, self.labels) = (size, pixels, labels)
  }

  package var count: Int { labels.count }

  package func prefix(_ count: Int) -> ImageSet {
    let count = min(count, self.count)
    return ImageSet(
      size: size, pixels: Array(pixels.prefix(count * size * size)),
      labels: Array(labels.prefix(count)))
  }

  /// Mean and standard deviation of all pixels, on the scale of 0 to 1.
  package var statistics: (mean: Double, deviation: Double) {
    var histogram = [Int](repeating: 0, count: 256)
    for pixel in pixels { histogram[Int(pixel)] += 1 }
    let total = Double(max(pixels.count, 1))
    let mean = histogram.enumerated().reduce(0) { $0 + Double($1.offset * $1.element) } / total
    let square = histogram.enumerated().reduce(0) {
      $0 + (Double($1.offset) - mean) * (Double($1.offset) - mean) * Double($1.element)
    }
    return (mean / 255, (square / total).squareRoot() / 255)
  }

  /// How a pixel becomes a number of mean 0 and standard deviation 1 over a set.
  package struct Scaling: Hashable, Sendable {
    /// What a pixel is multiplied by.
    let factor: Float
    /// What is added then.
    let shift: Float

    /// The number that a network is given.
    @inline(__always)
    package func callAsFunction(_ pixel: UInt8) -> Float { Float(pixel) * factor + shift }
  }

  /// The scaling of this set, which is that of the images for training.
  package var scaling: Scaling {
    let (mean, deviation) = statistics
    return Scaling(
      factor: Float(1 / (255 * max(deviation, 1e-6))), shift: Float(-mean / max(deviation, 1e-6)))
  }
}

/// Fashion-MNIST, or any data set in the same files: ten classes of 28-pixel images.
///
/// Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
/// Algorithms" (2017).
package struct FashionMNIST: Sendable {
  /// Where Debian's package `dataset-fashion-mnist` puts the files.
  package static let defaultFolder = "/usr/share/datasets/fashion-mnist"
  package static let classes = 10
  /// As `--dataset` names it.
  package static let name = "fashion-mnist"
  /// What is said of any other name.
  package static func refusal(of name: String) -> String {
    "there is no data set '\(name)'; there is \(Self.name)."
  }

  package var train: ImageSet
  package var test: ImageSet

  package init(train: ImageSet, test: ImageSet) { (self.train, self.test) = (train, test) }

  /// Reads all four files of a folder.
  ///
  /// - Parameter folder: Files with MNIST's names, gzipped or not.
  /// - Throws: Absent or damaged files, or counts that differ.
  package init(folder: String) throws(Problem) {
    train = try FashionMNIST.set(folder, "train")
    test = try FashionMNIST.set(folder, "t10k")
  }

  /// Whether a folder has such files, those for training at least.
  package static func isIn(folder: String) -> Bool {
    ["", ".gz"].contains { ending in
      FileManager.default.fileExists(atPath: "\(folder)/train-images-idx3-ubyte\(ending)")
    }
  }

  private static func set(_ folder: String, _ prefix: String) throws(Problem) -> ImageSet {
    let images = try open(folder, "\(prefix)-images-idx3-ubyte", rank: 3)
    let labels = try open(folder, "\(prefix)-labels-idx1-ubyte", rank: 1)
    guard images.shape[0] == labels.shape[0], images.shape[0] > 0 else {
      throw Problem(
        .malformed,
        "\(folder): \(prefix) has \(images.shape[0]) images and \(labels.shape[0]) labels; "
          + "fetch the files again")
    }
    guard images.shape[1] == images.shape[2], images.shape[1] >= 8 else {
      throw Problem(
        .malformed,
        "\(folder): \(prefix) has images of \(images.shape[1]) x \(images.shape[2]); "
          + "give square images of 8 pixels or more")
    }
    if let bad = labels.elements.first(where: { $0 >= classes }) {
      throw Problem(
        .malformed, "\(folder): \(prefix) has the label \(bad); labels go from 0 to 9")
    }
    return ImageSet(size: images.shape[1], pixels: images.elements, labels: labels.elements)
  }

  private static func open(
    _ folder: String, _ name: String, rank: Int
  ) throws(Problem) -> IDXFile {
    for candidate in ["\(folder)/\(name)", "\(folder)/\(name).gz"] {
      do throws(Problem) {
        return try IDXFile(path: candidate, rank: rank)
      } catch  where error.kind == .absent { continue }
    }
    throw Problem(
      .absent,
      "\(folder): has no \(name) or \(name).gz; install the Debian package "
        + "dataset-fashion-mnist (make dataset) or name a folder with --data")
  }
}
