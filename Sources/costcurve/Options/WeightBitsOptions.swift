import ArgumentParser
import Kernels

/// Bits of a weight, as a command line has them.
enum WeightBitsName: String, CaseIterable, ExpressibleByArgument {
  case seven = "7"
  case eight = "8"

  /// What they are.
  var bits: WeightBits {
    switch self {
    case .seven: .seven
    case .eight: .eight
    }
  }
}

/// How many bits the weights of int8 have.
struct WeightBitsOptions: ParsableArguments {
  @Option(
    name: .customLong("weight-bits"),
    help: """
      Bits of int8 weights, 7 or 8: unless given, 7 in a build for x86 without VNNI, which is \
      faster with them, and 8 elsewhere.
      """)
  var number: WeightBitsName?

  /// Nil for those that this build is fastest with.
  var bits: WeightBits? { number?.bits }

  /// Refuses bits where nothing is multiplied in int8.
  ///
  /// - Parameter isInt8: Whether something is.
  /// - Throws: Usage.
  func refuse(unless isInt8: Bool) throws {
    guard isInt8 || number == nil else {
      throw ValidationError("--weight-bits is for --precision int8; give that, or leave it out.")
    }
  }
}
