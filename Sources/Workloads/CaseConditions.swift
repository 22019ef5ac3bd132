import Basics
import Foundation
import Harness
import Models
import Programs

extension CaseID {
  /// The id with every condition of its options that is not the network's usual one.
  ///
  /// - Parameters:
  ///   - options: What the case is prepared with; a condition that the id has already must agree.
  ///   - network: Whose usual input size, sequence and classes are unwritten.
  /// - Returns: The id that this measurement, and no other, has.
  /// - Throws: `Problem` with code 64 for options that are no numbers, contradict the id, or are not
  ///   for this network.
  func settled(by options: CaseOptions, for network: Network) throws -> CaseID {
    var id = self
    let isSequence = network.item == .sequence
    let isOther =
      isSequence
      ? inputSize != nil || options[.inputSize] != nil
      : sequence != nil || options[.sequence] != nil
    guard !isOther else { throw network.refusal(ofSequence: !isSequence) }
    let size =
      try isSequence
      ? agreed(sequence, options.sequence(), .sequence)
      : agreed(inputSize, options.inputSize(), .inputSize)
    if let size { try network.refuse(inputSize: size) }
    let unusual = size == network.usualInputSize ? nil : size
    id.inputSize = isSequence ? nil : unusual
    id.sequence = isSequence ? unusual : nil
    // A weight file tells its own number of classes.
    let classes = try agreed(classes, options.classes(), .classes)
    let isUsual = classes == Network.usualClasses || !network.takesClasses
    id.classes = options[.weights] != nil || isUsual ? nil : classes
    try id.settleUse(by: options)
    id.weights = try settledWeights(options)
    return id
  }

  /// The same for a model of a file, which has its own classes and weights.
  ///
  /// - Parameter options: What the case is prepared with.
  /// - Returns: The id that this measurement, and no other, has.
  /// - Throws: `Problem` with code 64 for options that are not for files, or contradict the id.
  func settledForFile(by options: CaseOptions) throws -> CaseID {
    for key in [CaseOptions.Key.inputSize, .classes, .weights] where options[key] != nil {
      throw Problem(
        .usage, "--\(key.rawValue) is for networks of costcurve; a model of a file has its own.")
    }
    var id = self
    id.sequence = try agreed(sequence, options.sequence(), .sequence)
    try id.settleUse(by: options)
    return id
  }

  /// Side of an image, or tokens of a sequence.
  ///
  /// - Parameter network: What the case is of.
  /// - Returns: What the id has, or the usual number.
  func size(of network: Network) -> Int {
    (network.item == .sequence ? sequence : inputSize) ?? network.usualInputSize
  }

  /// How it is run, whatever it is.
  private mutating func settleUse(by options: CaseOptions) throws {
    let count = try agreed(
      requests, options[.requests].map { _ in try options.requests() }, .requests)
    requests = count == 1 ? nil : count
    if isTuned, options[.tuning] == nil { throw lacking("tuned", .tuning) }
    isTuned = try options.tuning() != nil
    calibration = try settledCalibration(options)
  }

  /// The options with the conditions that only the id has.
  func completing(_ options: CaseOptions) -> CaseOptions {
    options.completed(
      with: [
        .inputSize: inputSize, .classes: classes, .sequence: sequence, .requests: requests,
      ])
  }

  private func settledWeights(_ options: CaseOptions) throws -> String? {
    guard let path = options[.weights] else {
      if let weights { throw lacking("w-\(weights)", .weights) }
      return nil
    }
    // Eight hexadecimal digits, the better mixed half.
    let digest = ContentDigest.of(file: path).map { FNV1a.digits($0).prefix(8) }.map(String.init)
    if let weights, let digest, weights != digest {
      throw Problem(
        .usage, "'\(self)': the weights of '\(path)' are w-\(digest), not those of the id.")
    }
    return digest ?? weights
  }

  /// What tells its ranges of int8 from the usual ones: what their table says, or would say unless
  /// measured loss leaves layers in float.
  ///
  /// Of seeded items nothing is known before there is a table.
  private func settledCalibration(_ options: CaseOptions) throws -> String? {
    guard precision == .int8 else { return nil }
    if let path = options[.quantization], let table = try? QuantizationTable(path: path) {
      try refuseRanges(but: [table.source])
      return table.source
    }
    let arrays = options.calibration()
    let found = try arrays.isEmpty ? nil : Self.digest(of: arrays, options)
    // Of a whole network the loss is measured with the table, which 'calibrated' compares.
    if kind == CaseRecord.Kind.infer.rawValue { return calibration ?? found }
    try refuseRanges(but: [found])
    return found
  }

  /// The id of a case whose ranges are there.
  ///
  /// - Parameters:
  ///   - table: Of these; nil of a file that says them itself.
  ///   - options: What the case is prepared with, by which the id may be settled already.
  /// - Returns: The id that this measurement, and no other, has.
  /// - Throws: `Problem` with code 64 where the id has other ranges.
  package func calibrated(by table: QuantizationTable?, _ options: CaseOptions) throws -> CaseID {
    try refuseRanges(but: [table?.source, Self.digest(of: options.calibration(), options)])
    var id = self
    id.calibration = table?.source
    return id
  }

  /// The digest of arrays and of the bits that weights have by the options.
  private static func digest(of arrays: [String], _ options: CaseOptions) throws -> String? {
    try Quantizer(threads: 1, weightBits: options.weightBits()).digest(of: arrays)
  }

  /// Refuses ranges of the id that are none of those found, of which the first are the case's.
  private func refuseRanges(but found: [String?]) throws {
    guard let calibration, !found.contains(calibration) else { return }
    let ranges = found.first.flatMap { $0 }.map { "cal-\($0)" } ?? "the usual ones"
    throw Problem(.usage, "'\(self)': its ranges are \(ranges), not those of the id.")
  }

  private func agreed(_ own: Int?, _ option: Int?, _ key: CaseOptions.Key) throws -> Int? {
    if let own, let option, own != option {
      throw Problem(
        .usage, "'\(self)' and \(key.rawValue)=\(option) contradict each other.")
    }
    return own ?? option
  }

  private func lacking(_ part: String, _ key: CaseOptions.Key) -> Problem {
    Problem(.usage, "'\(self)': /\(part) needs \(key.rawValue)= with its file.")
  }
}
