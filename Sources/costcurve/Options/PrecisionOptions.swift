import ArgumentParser
import Harness
import Workloads

/// The type of the elements that layers multiply.
enum LayerPrecision: String, CaseIterable, ExpressibleByArgument {
  case f32, bf16, int8

  /// As ids name it; nil for float32.
  var inIDs: CaseID.Precision? { CaseID.Precision(rawValue: rawValue) }
}

/// What layers multiply, and where the ranges of int8 come from.
struct PrecisionOptions: ParsableArguments {
  @Option(
    help: """
      What layers multiply: f32, bf16, or int8, quantized by calibration or as a file says.
      """)
  var precision = LayerPrecision.f32

  @Option(
    help: """
      Images that the ranges of int8 are taken from: a .npy file or a folder of them; seeded ones \
      without. NAME=FILE where a model takes several arrays.
      """,
    completion: .file())
  var calibration: [String] = []

  func validate() throws {
    if precision != .int8, !calibration.isEmpty {
      throw ValidationError("--calibration is for --precision int8; give that, or leave it out.")
    }
  }
}

/// Images with labels, by which answers are counted.
struct LabelledImagesOptions: ParsableArguments {
  @Option(
    help: "Images whose labels are known, to count right answers: a .npy file.",
    completion: .file())
  var images: String?

  @Option(help: "Their labels: a .npy file, int64, one an image.", completion: .file())
  var labels: String?

  func validate() throws {
    if (images == nil) != (labels == nil) {
      throw ValidationError("--images and --labels need one another; give both or none.")
    }
  }
}
