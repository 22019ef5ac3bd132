import Basics
import Kernels
import Models
import Programs
import Training
import Workloads

/// The outputs for a file of images, a batch at a time.
struct Prediction {
  var model: Model
  /// What computes the outputs: the model, or the same on bytes.
  var subject: any InferenceSubject
  var images: ImageFile
  /// One an image.
  var labels: [Int32]?
  /// At most as many as there are images.
  var batch: Int
  var engine: Engine
  var threads: Int

  /// Reads labels and checks the images' file, and the memory that a batch of them takes.
  ///
  /// - Throws: Files that are absent, damaged or do not fit, and too large a batch.
  init(
    _ model: Model, input: String, labels: String?, batchSize: Int, engine: Engine, threads: Int
  ) throws {
    let network = model.network
    let images = try ImageFile(path: input, network: network)
    if labels != nil, !network.readsLabels {
      throw Problem(
        .usage,
        "--labels does not apply to \(network.name), which judges positions of a game.")
    }
    self.labels = try labels.map {
      try LabelFile.read(path: $0, count: images.count, classes: network.classes)
    }
    batch = min(batchSize, images.count)
    try MemoryEstimate.inference(
      network, batch: batch, inputSize: images.size, threads: threads
    ).refuseIfTooLarge(
      for: "--batch-size \(batch) at \(images.size) pixels", remedy: "choose a smaller batch")
    (self.model, self.images, self.engine, self.threads) = (model, images, engine, threads)
    subject = SizedModel(model, inputSize: images.size)
  }

  /// All outputs for all images in order, and how many labels the first meets.
  ///
  /// - Parameter between: Called before every batch with the images that are done; what it throws
  ///   ends the run.
  /// - Returns: Both, the latter where there are labels.
  /// - Throws: `Problem` of kind `wrongAnswer` for outputs that are not finite.
  func run(
    between: (Int) throws -> Void
  ) throws -> (outputs: [PredictedOutput], accuracy: Accuracy?) {
    let pool = ThreadPool(threads: threads)
    var outputs = model.network.outputs.map {
      PredictedOutput(name: $0.name, dimensions: [$0.width])
    }
    for index in outputs.indices {
      outputs[index].values.reserveCapacity(images.count * outputs[index].width)
    }
    var accuracy = labels.map { _ in Accuracy() }
    var program: Program?
    let buffer = AlignedBuffer(
      count: batch * model.network.inputChannels * images.size * images.size)
    for start in stride(from: 0, to: images.count, by: batch) {
      try between(start)
      let range = start..<min(start + batch, images.count)
      if program?.imageShape.N != range.count {
        program = nil
        program = try subject.forwardPass(batch: range.count).program(pool: pool) {
          engine.algorithm(for: $0)
        }
      }
      try images.read(range, into: buffer.pointer)
      guard let program else { continue }
      program.run(buffer.pointer)
      if let labels { accuracy?.count(program.logits, labels[range]) }
      for index in outputs.indices { outputs[index].values += program.values(index) }
    }
    for output in outputs {
      if let bad = output.values.firstIndex(where: { !$0.isFinite }) {
        throw Problem(
          .wrongAnswer,
          "\(output.name) of \(model.network.item) \(bad / output.width) are not finite; "
            + "check that weights and input belong together.")
      }
    }
    return (outputs, accuracy)
  }
}
