import Formats
import Foundation
import Training

/// What a training run leaves on the disk.
struct TrainingFolder {
  let path: String

  /// State after the last complete epoch.
  var checkpoint: String { "\(path)/checkpoint.safetensors" }
  /// The trained weights under torchvision's names.
  var weights: String { "\(path)/weights.safetensors" }

  /// Makes the folder and removes what a killed run left half-written.
  ///
  /// - Throws: `cannotWrite`.
  func prepare() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: path)
      where name.contains(".part-") {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      }
    } catch {
      throw Failure(
        .cannotWrite,
        "\(path): cannot be made or written; choose another --run-directory.")
    }
  }

  /// Writes the learning curve as DAWNBench's TSV, and its JSON beside it.
  ///
  /// - Throws: `cannotWrite`.
  func writeCurve(_ training: DatasetTraining, _ report: TrainingReport) throws {
    var table = "epoch\thours\ttop1Accuracy\n"
    var seconds = 0.0
    for (index, epoch) in training.history.enumerated() {
      seconds += epoch.seconds
      table += "\(index + 1)\t\(seconds / 3600)\t\(100 * epoch.accuracy)\n"
    }
    try AtomicFile.write(Data(table.utf8), to: "\(path)/epochs.tsv")
    let entry = try report.dawnBenchEntry(training).text()
    try AtomicFile.write(Data(entry.utf8), to: "\(path)/dawnbench.json")
  }
}
