import Basics

/// A NumPy array file, opened and checked; rows are read where they are needed.
///
/// Floats are read as float32 and integers as int64, whatever their width, byte order and the order
/// of their elements. Format: `numpy.lib.format`, versions 1 to 3.
package final class NPYFile: Sendable {
  /// What an array is read as, and how it is written.
  package enum Element: String, Sendable {
    case float32 = "<f4"
    case int64 = "<i8"
    /// Truth values, read as the whole numbers 0 and 1.
    case bool = "|b1"

    var name: String {
      switch self {
      case .float32: "float32"
      case .int64: "int64"
      case .bool: "bool"
      }
    }
  }

  /// Length of each dimension.
  package let shape: [Int]
  /// The path as it was given.
  package var path: String { file.path }

  private let element: Element
  private let stored: ElementType
  private let isBigEndian: Bool
  private let dataOffset: Int
  /// The elements in C order, where the file has the first index run fastest.
  private let reordered: [Float]?
  private let file: RegularFile

  /// Opens a file and checks its header against its size and against what is wanted.
  ///
  /// - Parameters:
  ///   - path: Absolute, or relative to the working directory.
  ///   - element: The type that it must hold.
  ///   - rank: The number of dimensions that it must have.
  /// - Throws: An absent file, one that is damaged, or an array of another kind.
  package init(path: String, element: Element, rank: Int) throws(Problem) {
    let file = try RegularFile(path: path)
    func damaged(_ reason: String, remedy: String = "write the file again") -> Problem {
      Problem(.malformed, "\(path): \(reason); \(remedy)")
    }
    let preamble = try file.bytes(at: 0, count: min(12, file.sizeBytes))
    guard preamble.count >= 10, preamble.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      if let kind = try FileKind(of: file) { throw kind.refusal(path, wanted: .array) }
      throw damaged("is not a NumPy array file", remedy: "write it with numpy.save")
    }
    let isShort = preamble[6] == 1
    guard (1...3).contains(preamble[6]), isShort || preamble.count == 12 else {
      throw damaged("has the unknown format version \(preamble[6]).\(preamble[7])")
    }
    let lengthBytes = isShort ? preamble[8..<10] : preamble[8..<12]
    let headerCount = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let headerOffset = isShort ? 10 : 12
    guard headerCount <= 1 << 16 else {
      throw damaged("announces a header of \(headerCount) bytes")
    }
    let text = String(
      decoding: try file.bytes(at: headerOffset, count: headerCount), as: UTF8.self)
    guard let header = NPYHeader(parsing: text) else {
      throw damaged("has a header that cannot be read")
    }
    guard let (stored, isBigEndian) = ElementType.numpy(header.type),
      stored.isFloat == (element == .float32), (stored == .bool) == (element == .bool)
    else { throw damaged(Self.other(header.type, than: element), remedy: element.remedy) }
    guard header.shape.count == rank else {
      throw damaged(
        "has rank \(header.shape.count), not \(rank)", remedy: "reshape the array")
    }
    guard let bytes = header.shape.checkedProduct(times: stored.width) else {
      throw damaged("claims the shape \(header.shape)")
    }
    let offset = headerOffset + headerCount
    guard bytes == file.sizeBytes - offset else {
      throw damaged(
        "has \(file.sizeBytes - offset) bytes of data where its shape \(header.shape) needs "
          + "\(bytes)")
    }
    // Floats are put into C order below; the others are rows as they stand.
    guard element == .float32 || !header.isFortranOrder || rank < 2 else {
      throw damaged(
        "holds \(element.name) in Fortran order", remedy: "save numpy.ascontiguousarray(array)")
    }
    (self.shape, self.element, self.dataOffset) = (header.shape, element, offset)
    (self.stored, self.isBigEndian, self.file) = (stored, isBigEndian, file)
    reordered =
      header.isFortranOrder && rank > 1
      ? try Self.reordered(header.shape, stored, isBigEndian, at: offset, in: file) : nil
  }

  private static func other(_ type: String, than element: Element) -> String {
    let name =
      switch type.first {
      case "[": "a structured array"
      default:
        switch type.dropFirst().first {
        case "O": "Python objects, as a pickle"
        case "U", "S", "a": "text (\(type))"
        case "c": "complex numbers (\(type))"
        default: ElementType.numpy(type).map { "\($0.type.numpyName) (\(type))" } ?? type
        }
      }
    return "holds \(name), not \(element.name)"
  }

  /// Elements of one row, the outermost index fixed.
  package var rowCount: Int { shape.dropFirst().reduce(1, *) }

  /// Reads some rows of a float32 array in C order.
  ///
  /// - Parameters:
  ///   - rows: Indices of the outermost dimension.
  ///   - values: `rows.count · rowCount` floats.
  /// - Throws: A file that changed since it was opened.
  package func read(
    rows: Range<Int>, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    precondition(
      element == .float32 && rows.lowerBound >= 0 && rows.upperBound <= (shape.first ?? 1))
    precondition(values.count == rows.count * rowCount, "\(values.count) floats for \(rows)")
    let first = rows.lowerBound * rowCount
    if let reordered {
      _ = values.update(fromContentsOf: reordered[first..<first + values.count])
    } else if stored == .float32, !isBigEndian {
      try file.read(at: dataOffset + 4 * first, into: UnsafeMutableRawBufferPointer(values))
    } else {
      let width = stored.width
      try file.forEachElement(
        at: dataOffset + width * first, count: values.count, width: width, isBigEndian: isBigEndian
      ) { (index, bits) throws(Problem) in
        values[index] = try Self.float(bits, stored, first + index, path)
      }
    }
  }

  /// Reads a whole array of integers, or of truth values, in C order.
  ///
  /// - Returns: The elements.
  /// - Throws: A file that changed since it was opened.
  package func readIntegers() throws(Problem) -> [Int64] {
    precondition(element != .float32)
    let count = shape.reduce(1, *)
    var values: [Int64] = []
    values.reserveCapacity(count)
    try file.forEachElement(
      at: dataOffset, count: count, width: stored.width, isBigEndian: isBigEndian
    ) { (index, bits) throws(Problem) in
      guard let value = stored.integer(bits) else {
        throw .malformed("\(path): element \(index) is \(bits), beyond int64")
      }
      values.append(value)
    }
    return values
  }

  /// Reads a whole float32 array.
  ///
  /// - Returns: Shape and elements.
  /// - Throws: A file that changed since it was opened.
  package func readTensor() throws(Problem) -> Tensor {
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    try values.withUnsafeMutableBufferPointer { buffer throws(Problem) in
      try read(rows: 0..<(shape.first ?? 1), into: buffer)
    }
    return Tensor(shape: shape, values: values)
  }
}

extension NPYFile.Element {
  /// How to come to an array of this kind.
  fileprivate var remedy: String {
    let conversion = "convert it with array.astype(numpy.\(name))"
    return self == .float32 ? conversion + ", normalised as the weights want it" : conversion
  }
}
