import ArgumentParser
import Harness
import Workloads

/// The type of the elements that layers multiply.
enum LayerPrecision: String, CaseIterable, ExpressibleByArgument {
  case f32, int8

  /// As ids name it; nil for float32.
  var inIDs: CaseID.Precision? { self == .int8 ? .int8 : nil }
}

/// What layers multiply, and where the ranges of int8 come from.
struct PrecisionOptions: ParsableArguments {
  @Option(help: "What layers multiply: f32, or int8, quantized by calibration or as a file says.")
  var precision = LayerPrecision.f32

  @Option(
    help: """
      Images that the ranges of int8 are taken from: a .npy file or a folder of them; seeded ones \
      without. NAME=FILE where a model takes several arrays.
      """,
    completion: .file())
  var calibration: [String] = []

  func validate() throws {
    if precision == .f32, !calibration.isEmpty {
      throw ValidationError("--calibration is for --precision int8; give that, or leave it out.")
    }
  }
}

/// What inference multiplies, of which a search takes several.
struct PrecisionListOptions: ParsableArguments {
  @Option(
    name: .customLong("precision"),
    help: """
      What layers multiply: f32, or int8, quantized by calibration or as a file says; f32 unless \
      given. --cheapest takes several with commas, f32,int8 unless given.
      """)
  var given: PrecisionList?

  @Option(
    help: """
      Images that the ranges of int8 are taken from: a .npy file or a folder of them; seeded ones \
      without. NAME=FILE where a model takes several arrays.
      """,
    completion: .file())
  var calibration: [String] = []

  /// The one in force.
  var precision: LayerPrecision { given?.precisions.first ?? .f32 }

  /// All that a search takes.
  var searched: [LayerPrecision] { given?.precisions ?? [.f32, .int8] }

  /// Refuses what does not go together.
  ///
  /// - Parameter searches: Whether several can be taken.
  /// - Throws: Usage.
  func refuse(searches: Bool) throws {
    if let given, given.precisions.count > 1, !searches {
      throw ValidationError(
        "--precision takes one value here; --cheapest searches each of several.")
    }
    let taken = searches ? searched : [precision]
    if !calibration.isEmpty, !taken.contains(.int8) {
      throw ValidationError("--calibration is for --precision int8; give that, or leave it out.")
    }
  }
}

/// A precision, or several with commas between, each of which a search takes.
struct PrecisionList: ExpressibleByArgument, Hashable {
  /// In their order, each once.
  let precisions: [LayerPrecision]

  /// Nil where a word names none, or one is named twice.
  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    let named = words.compactMap { LayerPrecision(rawValue: String($0)) }
    guard named.count == words.count, Set(named).count == named.count else { return nil }
    precisions = named
  }

  static var allValueStrings: [String] { LayerPrecision.allCases.map(\.rawValue) }
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
