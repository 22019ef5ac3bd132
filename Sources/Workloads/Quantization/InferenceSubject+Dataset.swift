import Basics
import Interchange
import Models
import Tensors
import Training

extension InferenceSubject {
  /// Whether no file gave its weights, so that its answers are right by chance alone.
  package var hasSeededWeights: Bool {
    // What computes in lower precision names the weights of what it was made of.
    (self as? SizedModel)?.model.isSeeded ?? (weightsName == Model.seededName)
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
}
