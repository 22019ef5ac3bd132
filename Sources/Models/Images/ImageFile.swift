import Basics
import Formats
import Tensors

/// Images in a NumPy file: float32, C order, `N C H W`, already normalised.
package struct ImageFile: Sendable {
  /// Images in the file.
  package var count: Int { file.shape[0] }
  /// Side of an image.
  package var size: Int { file.shape[2] }
  /// The path as it was given.
  package var path: String { file.path }
  private let file: NPYFile

  /// Opens a file and holds its shape against the network.
  ///
  /// - Parameters:
  ///   - path: A `.npy` file.
  ///   - network: What will read the images.
  /// - Throws: An absent or damaged file, or images that the network cannot take.
  package init(path: String, network: Network) throws(Problem) {
    let file = try NPYFile(path: path, element: .float32, rank: 4)
    let (channels, size) = (network.inputChannels, file.shape[2])
    func refused(_ reason: String) -> Problem {
      Problem(.malformed, "\(path): \(reason)")
    }
    guard file.shape[0] > 0 else {
      throw refused("holds no \(network.item); give an array N C H W with N of at least 1")
    }
    guard file.shape[1] == channels else {
      throw refused(
        "has \(file.shape[1]) channels where \(network.name) takes \(channels); "
          + "the order must be N C H W")
    }
    if network.item == .position {
      let side = network.usualInputSize
      guard size == side, file.shape[3] == side else {
        throw refused(
          "has boards of \(size) x \(file.shape[3]) where \(network.name) plays on \(side) x \(side)"
        )
      }
    }
    guard file.shape[3] == size else {
      throw refused("has images of \(size) x \(file.shape[3]); crop or resize them to squares")
    }
    guard network.takes(inputSize: size) else {
      throw refused(
        "has images of \(size) pixels a side where \(network.name) takes "
          + "\(network.minimumInputSize) to \(network.maximumInputSize); resize them")
    }
    self.file = file
  }

  /// Reads some images, reordered for the kernels.
  ///
  /// - Parameters:
  ///   - indices: Which images.
  ///   - images: `N H W C`, room for all of them.
  /// - Throws: A file that changed since it was opened, or values that are not finite.
  package func read(
    _ indices: Range<Int>, into images: UnsafeMutablePointer<Float>
  ) throws(Problem) {
    let count = file.rowCount
    var row = [Float](repeating: 0, count: count)
    let shape = Shape(arrayLiteral: 1, size, size, file.shape[1])
    for (place, index) in indices.enumerated() {
      try row.withUnsafeMutableBufferPointer { buffer throws(Problem) in
        try file.read(rows: index..<index + 1, into: buffer)
        guard let base = buffer.baseAddress else { return }
        if let bad = buffer.firstIndex(where: { !$0.isFinite }) {
          throw Problem(
            .malformed,
            "\(file.path): image \(index) has \(buffer[bad]) at element \(bad); "
              + "give finite, normalised values")
        }
        ActivationLayout.toChannelsLast(base, shape, into: images + place * count)
      }
    }
  }
}

/// Labels in a NumPy file: int64, one a image, each a class number.
package enum LabelFile {
  /// Reads and checks all labels.
  ///
  /// - Parameters:
  ///   - path: A `.npy` file.
  ///   - count: Number of images that they belong to.
  ///   - classes: Labels must be below this.
  /// - Returns: `count` class numbers.
  /// - Throws: An absent or damaged file, another number of labels, or one out of range.
  package static func read(
    path: String, count: Int, classes: Int
  ) throws(Problem) -> [Int32] {
    let file = try NPYFile(path: path, element: .int64, rank: 1)
    guard file.shape[0] == count else {
      throw Problem(
        .malformed,
        "\(path): has \(file.shape[0]) labels for \(count) images; give one label an image")
    }
    let labels = try file.readIntegers()
    for (index, label) in labels.enumerated() where label < 0 || label >= classes {
      throw Problem(
        .malformed,
        "\(path): label \(label) of image \(index) is out of range; "
          + "the network has classes 0 to \(classes - 1)")
    }
    return labels.map { Int32($0) }
  }
}
