import ArgumentParser
import Basics
import Graphs
import Harness
import Interchange
import Training
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

  @OptionGroup var int8: CalibrationOptions

  func validate() throws { try int8.refuse(unless: precision == .int8) }
}

/// What inference multiplies, of which a search takes several.
struct PrecisionListOptions: ParsableArguments {
  @Option(
    name: .customLong("precision"),
    help: """
      What layers multiply: f32, bf16, or int8, quantized by calibration or as a file says; f32 \
      unless given. --cheapest takes several with commas, f32,int8 unless given.
      """)
  var given: PrecisionList?

  @OptionGroup var int8: CalibrationOptions

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
    try int8.refuse(unless: (searches ? searched : [precision]).contains(.int8))
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
    help: "Images with known labels, to evaluate accuracy: a .npy file.",
    completion: .file())
  var images: String?

  @Option(help: "Their labels: a .npy file, int64, one per image.", completion: .file())
  var labels: String?

  @Option(
    help: """
      Evaluate accuracy on the test images of this data set, and calibrate int8 with its \
      training images; only fashion-mnist is available.
      """)
  var dataset: String?

  @Option(
    help: "Folder of the data set's IDX files; Debian's package unless given.",
    completion: .directory)
  var data: String?

  func validate() throws {
    if (images == nil) != (labels == nil) {
      throw ValidationError("--images and --labels need one another; give both or none.")
    }
    if dataset != nil, images != nil {
      throw ValidationError("--dataset has images and labels of its own; leave --images out.")
    }
    if dataset == nil, data != nil {
      throw ValidationError("--data is the folder of --dataset; give that, too.")
    }
  }

  /// Whether right answers are to be counted.
  var isGiven: Bool { images != nil || dataset != nil }

  /// The folder of the data set; nil where none is named.
  ///
  /// - Throws: An unknown data set.
  func folder() throws(Problem) -> String? {
    guard let dataset else { return nil }
    guard dataset == FashionMNIST.name else {
      throw Problem(.absent, FashionMNIST.refusal(of: dataset))
    }
    return data ?? FashionMNIST.defaultFolder
  }

  /// Arrays that the ranges of int8 are taken from: those that are named, or the training images of the
  /// data set.
  ///
  /// - Parameters:
  ///   - given: Those that are named.
  ///   - precision: What layers multiply.
  ///   - work: What is calibrated; a QDQ file is not.
  /// - Returns: Paths; none for seeded items.
  /// - Throws: An unknown data set.
  func calibration(
    _ given: [String], in precision: LayerPrecision, of work: WorkSubject
  ) throws(Problem) -> [String] {
    guard precision == .int8, given.isEmpty, let folder = try folder() else { return given }
    return try work.isQuantized() ? [] : [folder]
  }

  /// Images whose labels are known: those that are named, or the test images of the data set.
  ///
  /// - Parameter subject: What answers to them.
  /// - Returns: Both.
  /// - Throws: Files that are absent, damaged or do not fit.
  func items(
    of subject: any InferenceSubject
  ) throws(Problem) -> (items: GivenItems, labels: AccuracyEvaluation.Labels) {
    if let folder = try folder() {
      let data = try subject.dataset(folder)
      return (data.test, .known(data.labels))
    }
    let paths = [images].compactMap(\.self)
    return (try subject.items(paths, of: "--images"), .file(labels ?? ""))
  }
}
