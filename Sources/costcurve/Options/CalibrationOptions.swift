import ArgumentParser

/// What int8 is calibrated with, where it is one precision of several.
struct CalibrationOptions: ParsableArguments {
  @Option(
    help: """
      Images that int8 is calibrated with: a .npy file or a folder of them; seeded ones unless \
      given. NAME=FILE where a model has several inputs.
      """,
    completion: .file())
  var calibration: [String] = []

  @OptionGroup var weightBits: WeightBitsOptions

  /// Whether something of it is named.
  var isGiven: Bool { !calibration.isEmpty || weightBits.bits != nil }

  /// Refuses what is named where nothing is multiplied in int8.
  ///
  /// - Parameter isInt8: Whether something is.
  /// - Throws: Usage.
  func refuse(unless isInt8: Bool) throws {
    guard !isInt8, isGiven else { return }
    let name = calibration.isEmpty ? "--weight-bits" : "--calibration"
    throw ValidationError("\(name) is for --precision int8; give that, or leave it out.")
  }
}
