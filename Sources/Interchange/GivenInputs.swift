import Basics
import Formats

/// Files of inputs whose elements decide what a model computes, such as the lengths of a reshape.
package struct GivenInputs: Sendable {
  /// `NAME=FILE`, in the order in which they were given.
  package let arguments: [String]

  /// Takes in what a command line has; other arguments may be among them.
  package init(_ arguments: [String] = []) { self.arguments = arguments }

  /// The elements of an input.
  ///
  /// - Parameter port: The model's input, of a known number of dimensions.
  /// - Returns: nil where it is given no file.
  /// - Throws: A file that is absent, damaged, or holds something else.
  func tensor(_ port: ModelFile.Port) throws(Problem) -> ModelFile.Tensor? {
    guard let argument = arguments.first(where: { $0.hasPrefix("\(port.name)=") }),
      case .tensor(let element, let lengths?) = port.type
    else { return nil }
    let path = String(argument.dropFirst(port.name.count + 1))
    let kind: NPYFile.Element =
      element == .bool ? .bool : element.isInteger ? .int64 : .float32
    let file = try NPYFile(path: path, element: kind, rank: lengths.count)
    for (place, length) in lengths.enumerated() {
      if case .fixed(let number) = length, number != file.shape[place] {
        throw .malformed(
          "\(path): has shape \(file.shape), whose dimension \(place) is not \(number)")
      }
    }
    guard kind != .float32 else {
      return ModelFile.Tensor(port.name, file.shape, floats: try file.readTensor().values)
    }
    let numbers = try file.readIntegers()
    let bytes =
      switch element {
      case .int64: numbers.flatMap { Self.bytes($0, 8) }
      case .int32: numbers.flatMap { Self.bytes($0, 4) }
      default: numbers.flatMap { Self.bytes($0, 1) }
      }
    return ModelFile.Tensor(port.name, element, file.shape, .bytes(bytes))
  }

  /// The lowest bytes of a number, the lowest first.
  private static func bytes(_ number: Int64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * Int64($0))) }
  }
}
