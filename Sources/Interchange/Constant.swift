import Basics
import Formats

/// A value of a model that is known before it runs: an initializer, or what follows from constants.
///
/// Computed ones hold float64 whatever their type, so whole numbers are exact up to 2^53.
struct Constant: Sendable {
  /// Where the elements are.
  enum Source: Sendable {
    /// In the model, read when they are asked for.
    case stored(ModelFile.Tensor)
    /// A matrix of the model, read with rows for columns.
    case turned(ModelFile.Tensor)
    /// Here.
    case computed([Double])
    /// All the same, as the weights of models that hold none.
    case filled(Double)
    /// Bytes here or in the model, with what they stand for.
    indirect case restored(RestoredConstant)
  }

  /// The value's name in the model.
  var name: String
  var element: ModelFile.Element
  /// Lengths, the outermost first; none for a scalar.
  var dimensions: [Int]
  var source: Source
  /// Which steps the elements are whole multiples of; nil where that is not known.
  var steps: Steps?

  /// Scales of which elements are multiples by whole numbers of 8 bits, zero point 0.
  struct Steps {
    /// One, or one for each index of the axis.
    var scales: [Float]
    /// The axis; nil for one scale.
    var axis: Int?
    /// The constant's dimensions at that time: under others they are not known to hold.
    var dimensions: [Int]

    /// Those of a matrix whose columns become rows; nil where they are not known to hold of it.
    func turned(_ matrix: [Int]) -> Steps? {
      matrix == dimensions
        ? Steps(scales: scales, axis: axis.map { 1 - $0 }, dimensions: matrix.reversed()) : nil
    }
  }

  /// A tensor of the model.
  init(_ tensor: ModelFile.Tensor, name: String) {
    (self.name, element) = (name, tensor.element)
    (dimensions, source) = (tensor.dimensions, .stored(tensor))
  }

  /// What was computed.
  ///
  /// - Parameters:
  ///   - element: The type of the elements.
  ///   - dimensions: Lengths, at least 0.
  ///   - values: Gives an element by its index; asked for each once, in order, when there is room for
  ///     all.
  /// - Throws: More elements than are computed with, and what `values` throws.
  init(
    _ element: ModelFile.Element, _ dimensions: [Int],
    values: (Int) throws(Problem) -> Double
  ) throws(Problem) {
    let count = try Self.count(dimensions)
    var elements: [Double] = []
    elements.reserveCapacity(count)
    for index in 0..<count { elements.append(try values(index)) }
    (name, self.element, self.dimensions) = ("", element, dimensions)
    source = .computed(elements)
  }

  /// One number everywhere.
  ///
  /// - Parameters:
  ///   - element: The type of the elements.
  ///   - dimensions: Lengths, at least 0.
  ///   - value: The number.
  /// - Throws: More elements than are computed with.
  init(
    _ element: ModelFile.Element, _ dimensions: [Int], filledWith value: Double
  ) throws(Problem) {
    _ = try Self.count(dimensions)
    (name, self.element, self.dimensions) = ("", element, dimensions)
    source = .filled(value)
  }

  /// The number of elements, where they are computed with.
  ///
  /// - Parameter dimensions: Any numbers.
  /// - Returns: Their product.
  /// - Throws: Negative lengths, or more elements than are computed with.
  static func count(_ dimensions: [Int]) throws(Problem) -> Int {
    let limit = ModelFile.Tensor.countLimit
    guard let count = ModelFile.Tensor.count(dimensions, limit: limit) else {
      throw .malformed(
        "would give a constant of dimensions \(dimensions); at most \(limit) elements are computed "
          + "with here")
    }
    return count
  }

  /// The elements of a matrix in the order of one that has its columns as rows.
  private static func turned<Number>(_ elements: [Number], _ dimensions: [Int]) -> [Number] {
    let (rows, columns) = (dimensions[0], dimensions[1])
    return elements.indices.map { elements[$0 % rows * columns + $0 / rows] }
  }

  /// A list of whole numbers.
  init(list: [Int]) {
    (name, element, dimensions) = ("", .int64, [list.count])
    source = .computed(list.map(Double.init))
  }

  var count: Int { dimensions.reduce(1, *) }

  /// The elements.
  ///
  /// - Returns: `count` numbers.
  /// - Throws: A type without numbers, too many elements, or a file that cannot be read.
  func doubles() throws(Problem) -> [Double] {
    switch source {
    case .stored(let tensor): try tensor.doubles()
    case .turned(let tensor): Self.turned(try tensor.doubles(), tensor.dimensions)
    case .computed(let values): values
    case .filled(let value): [Double](repeating: value, count: count)
    case .restored(let bytes): try bytes.doubles()
    }
  }

  /// The elements as whole numbers, the nearest ones where they are beyond 64 bits.
  ///
  /// - Parameter what: What they are, for a sentence.
  /// - Returns: `count` numbers.
  /// - Throws: Elements that are not whole, too many of them, or a file that cannot be read.
  func integers(_ what: String) throws(Problem) -> [Int] {
    if case .stored(let tensor) = source, tensor.element.isInteger {
      return try tensor.integers().map { Int($0) }
    }
    var result: [Int] = []
    for value in try doubles() {
      guard value == value.rounded() else {
        throw .malformed("\(what) is \(value), which is not a whole number")
      }
      result.append(Int(exactly: value) ?? (value < 0 ? .min : .max))
    }
    return result
  }

  /// Reads the elements as float32.
  ///
  /// - Parameter values: `count` floats.
  /// - Throws: A type without numbers, or a file that cannot be read.
  func read(into values: UnsafeMutableBufferPointer<Float>) throws(Problem) {
    switch source {
    case .stored(let tensor): try tensor.read(into: values)
    case .turned(let tensor):
      var given = [Float](repeating: 0, count: count)
      try given.withUnsafeMutableBufferPointer { buffer throws(Problem) in
        try tensor.read(into: buffer)
      }
      let turned = Self.turned(given, tensor.dimensions)
      for (index, number) in turned.enumerated() { values[index] = number }
    case .computed(let numbers):
      for (index, number) in numbers.enumerated() { values[index] = Float(number) }
    case .filled(let value): values.update(repeating: Float(value))
    case .restored(let bytes): try bytes.read(into: values)
    }
  }
}

extension ModelFile.Element {
  /// Whether elements are whole numbers.
  var isInteger: Bool {
    switch self {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .int4, .uint4, .int2,
      .uint2:
      true
    default: false
    }
  }

  /// Whether elements have a fraction, and become float32 here.
  var isFloat: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}
