import Basics
import Formats
import Harness
import Interchange
import Kernels
import Models

/// NumPy files with what a model of a file or a network is given, one for each of its inputs.
package struct InputArrays {
  /// Items in the files.
  package let count: Int
  /// What one is, for sentences.
  private let item: String
  private let inputs: [Input]
  private let allowsNonFinite: Bool
  /// What is drawn instead, where there are no files.
  private var seed: UInt32?

  private struct Input {
    var port: ImportedModel.Port
    /// nil for one number everywhere.
    var file: NPYFile?
    /// Where the elements are no floats; the one number, or as many as the file has.
    var integers: [Int64] = []
    /// Elements of one item, or of the whole where the input has no batch.
    var width: Int
  }

  /// One item that is drawn.
  ///
  /// - Parameter seed: Of its elements.
  package init(seed: UInt32) {
    (count, item, inputs, allowsNonFinite) = (1, "item", [], false)
    self.seed = seed
  }

  /// Opens files and holds their shapes against the model's inputs.
  ///
  /// - Parameters:
  ///   - paths: Of the file of each input, by its name.
  ///   - model: What will read them.
  ///   - allowsNonFinite: Whether NaN and infinities are taken, as masks have them.
  /// - Throws: A file that is absent, damaged, of another shape or number of items, or with numbers
  ///   that name no row of their table, where these are refused.
  package init(
    _ paths: [String: String], of model: some ArraySubject, allowsNonFinite: Bool = false
  ) throws(Problem) {
    var (inputs, count) = ([Input](), Int?.none)
    for port in try model.ports(batch: nil).inputs {
      guard let path = paths[port.name] else {
        if let number = model.usualNumber(of: port.name) {
          inputs.append(
            Input(
              port: port, file: nil, integers: [number],
              width: port.lengths.dropFirst().reduce(1, *)))
          continue
        }
        throw Problem(
          .usage,
          "\(model.title) also takes \(port.name) \(port.lengths); give its file as "
            + "--input \(port.name)=FILE.npy.")
      }
      let file = try NPYFile(
        path: path, element: port.element.inFiles, rank: port.lengths.count)
      let inner = port.isBatched ? Array(file.shape.dropFirst()) : file.shape
      let wanted = port.isBatched ? Array(port.lengths.dropFirst()) : port.lengths
      guard inner == wanted else {
        throw Problem(
          .malformed,
          "\(path): has shape \(file.shape) where \(port.name) of \(model.title) is "
            + "\(port.isBatched ? "N x " : "")\(wanted.map(String.init).joined(separator: " x "))")
      }
      if port.isBatched {
        guard count ?? file.shape[0] == file.shape[0], file.shape[0] > 0 else {
          throw Problem(
            .malformed,
            "\(path): holds \(file.shape[0]) items where \(count ?? 1) are needed")
        }
        count = file.shape[0]
      }
      var input = Input(port: port, file: file, width: wanted.reduce(1, *))
      if port.element != .f32 { input.integers = try file.readIntegers() }
      if model.refusesOtherRows, let rows = port.tableRows,
        let other = input.integers.first(where: { $0 < 0 || $0 >= Int64(rows) })
      {
        throw Problem(
          .malformed,
          "\(path): has \(other), but \(port.name) of \(model.title) is 0 to \(rows - 1)")
      }
      inputs.append(input)
    }
    (self.inputs, item, self.allowsNonFinite) = (inputs, model.item.name, allowsNonFinite)
    self.count = count ?? 1
    if let batch = model.fixedBatch, self.count % batch != 0 {
      throw Problem(
        .malformed,
        "\(model.title) takes \(batch) items at a time, and \(self.count) is not a multiple "
          + "of that; fill them up, or export the model with a symbolic batch")
    }
  }

  /// Reads some items of every input.
  ///
  /// - Parameters:
  ///   - items: Which, as many as the program handles.
  ///   - block: The program's inputs.
  /// - Throws: A file that changed since it was opened, values that are not finite, or integers
  ///   beyond what the input holds.
  package func read(_ items: Range<Int>, into block: InputBlock) throws(Problem) {
    if let seed { return block.fill(seed: seed) }
    for input in inputs {
      guard let place = input.port.place else { continue }
      let rows = input.port.isBatched ? items : 0..<1
      let count = rows.count * input.width
      let target = block.pointer(place)
      switch input.port.element {
      case .f32:
        let floats = target.bindMemory(to: Float.self, capacity: count)
        try read(input, rows, into: UnsafeMutableBufferPointer(start: floats, count: count))
      case .i64: try read(input, rows, into: target, as: Int64.self)
      case .i32: try read(input, rows, into: target, as: Int32.self)
      case .i8: try read(input, rows, into: target, as: Int8.self)
      default: try read(input, rows, into: target, as: UInt8.self)
      }
    }
  }

  /// Whole numbers and truth values as the graph has them.
  private func read<Number: FixedWidthInteger>(
    _ input: Input, _ rows: Range<Int>, into target: UnsafeMutableRawPointer,
    as type: Number.Type
  ) throws(Problem) {
    let count = rows.count * input.width
    let numbers = target.bindMemory(to: type, capacity: count)
    for place in 0..<count {
      let value =
        input.file == nil
        ? input.integers[0] : input.integers[rows.lowerBound * input.width + place]
      guard let number = Number(exactly: value) else {
        throw Problem(
          .malformed,
          "\(input.file?.path ?? ""): has \(value), which \(input.port.name) cannot hold")
      }
      numbers[place] = number
    }
  }

  /// Floats as the graph has them: images with their channels innermost.
  private func read(
    _ input: Input, _ rows: Range<Int>, into floats: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    guard let file = input.file else { return floats.update(repeating: Float(input.integers[0])) }
    let whole = input.port.isBatched ? rows : 0..<(file.shape.first ?? 1)
    guard input.port.isChannelsLast else {
      try file.read(rows: whole, into: floats)
      return try refuseNonFinite(UnsafeBufferPointer(floats), input, from: rows.lowerBound)
    }
    var given = [Float](repeating: 0, count: floats.count)
    try given.withUnsafeMutableBufferPointer { buffer throws(Problem) in
      try file.read(rows: whole, into: buffer)
      try refuseNonFinite(UnsafeBufferPointer(buffer), input, from: rows.lowerBound)
      let lengths = input.port.lengths
      guard let source = buffer.baseAddress, let target = floats.baseAddress,
        let shape = Shape(
          [floats.count / (lengths[1] * lengths[2] * lengths[3])]
            + [lengths[2], lengths[3], lengths[1]])
      else { return }
      ActivationLayout.toChannelsLast(source, shape, into: target)
    }
  }

  private func refuseNonFinite(
    _ floats: UnsafeBufferPointer<Float>, _ input: Input, from first: Int
  ) throws(Problem) {
    guard !allowsNonFinite, let bad = floats.firstIndex(where: { !$0.isFinite }) else { return }
    let place = input.port.isBatched ? "\(item) \(first + bad / input.width) " : ""
    throw Problem(
      .malformed,
      "\(input.file?.path ?? ""): \(place)has \(floats[bad]) at element \(bad % input.width); "
        + "give finite, normalised values")
  }
}

extension DType {
  /// What the file of an array of such elements has to hold.
  fileprivate var inFiles: NPYFile.Element {
    switch self {
    case .f32: .float32
    case .bool: .bool
    default: .int64
    }
  }
}
