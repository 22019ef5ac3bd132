/// How many bits the weights of layers have that multiply bytes.
///
/// Without VNNI the fastest instruction, `vpmaddubsw`, adds the products of two neighbours in signed 16
/// bits, which saturate. With weights up to 64 they cannot, for 255 · (64 + 64) is 32 640; with 65 they
/// could. So the largest magnitude of 7 bits is 64 rather than 63: a whole half of the weights' 128, by
/// which a scale is divided exactly. It is what `reduce_range` of `onnxruntime.quantization` has for
/// signed bytes, which is recommended for CPUs without VNNI.
package enum WeightBits: Int, CaseIterable, Codable, Hashable, Sendable {
  case seven = 7
  case eight = 8

  /// The largest magnitude of a weight, in whole steps.
  package var most: Int {
    switch self {
    case .seven: 64
    case .eight: 127
    }
  }

  /// Those that this build is fastest with: 7 where it multiplies bytes in pairs, as on x86 without
  /// VNNI, and 8 elsewhere.
  package static var usual: WeightBits { ProductPairs.areBuilt ? .seven : .eight }
}
