import Basics
import Interchange
import Models
import Tensors
import Training

extension InferenceSubject {
  /// Whether no file gave its weights, so that its answers are right by chance alone.
  package var hasSeededWeights: Bool {
    switch self {
    case let sized as SizedModel: sized.model.isSeeded
    case let quantized as QuantizedSubject: quantized.base.hasSeededWeights
    default: false
    }
  }

  /// What calibration runs over.
  ///
  /// - Parameter paths: As the command line has them; of a data set's folder the training images, and
  ///   seeded items for none.
  /// - Returns: Items that the subject takes.
  /// - Throws: Files that are absent, damaged or do not fit.
  package func calibrationItems(_ paths: [String]) throws(Problem) -> GivenItems {
    guard let first = paths.first else { return GivenItems() }
    if paths.count == 1, FashionMNIST.isIn(folder: first) {
      return try dataset(first).calibration
    }
    return try items(paths, of: "--calibration", most: GivenItems.mostOfCalibration)
  }

  /// Images of a data set that the subject takes.
  ///
  /// - Parameter folder: Its files.
  /// - Returns: Some to calibrate with, of those that are for training, and all of the others with their
  ///   labels.
  /// - Throws: Files that are absent or damaged, or images that the subject does not take.
  package func dataset(
    _ folder: String
  ) throws(Problem) -> (calibration: GivenItems, test: GivenItems, labels: [Int32]) {
    let data = try FashionMNIST(folder: folder)
    for set in [data.train, data.test] {
      guard try takesGreyImages(of: set.size) else {
        throw Problem(
          .usage,
          "\(folder): has grey images of \(set.size) pixels a side, which \(name) does not take "
            + "here.")
      }
    }
    let scaling = data.train.scaling
    return (
      GivenItems(
        data.train, scaling, called: "training image", most: GivenItems.mostOfCalibration,
        paths: [folder]),
      GivenItems(data.test, scaling, called: "test image", most: .max, paths: [folder]),
      data.test.labels.map { Int32($0) }
    )
  }

  /// Whether all that it is given is a batch of grey images of a size.
  private func takesGreyImages(of size: Int) throws(Problem) -> Bool {
    if let quantized = self as? QuantizedSubject {
      return try quantized.base.takesGreyImages(of: size)
    }
    guard let subject = self as? any ArraySubject else { return false }
    let inputs = try subject.ports(batch: nil).inputs.filter { $0.place != nil }
    return inputs.count == 1 && inputs[0].isBatched && inputs[0].element == .f32
      && Array(inputs[0].lengths.dropFirst()) == [1, size, size]
  }

  /// Items of files.
  ///
  /// - Parameters:
  ///   - paths: As the command line has them.
  ///   - option: Whose values they are, for a sentence.
  ///   - most: Items that are taken at most.
  /// - Returns: Those of the files, in their order.
  /// - Throws: Files that are absent, damaged or do not fit.
  package func items(
    _ paths: [String], of option: String, most: Int = .max
  ) throws(Problem) -> GivenItems {
    switch self {
    case let sized as SizedModel where sized.model.network.item == .sequence:
      return try GivenItems(paths, for: sized, option: option, most: most)
    case let sized as SizedModel:
      return try GivenItems(
        paths, for: sized.model.network, size: sized.inputSize, most: most)
    case let model as ModelOfFile:
      return try GivenItems(paths, for: model, option: option, most: most)
    case let quantized as QuantizedSubject:
      return try quantized.base.items(paths, of: option, most: most)
    default: throw Problem(.usage, "\(option): \(name) reads no arrays.")
    }
  }
}
