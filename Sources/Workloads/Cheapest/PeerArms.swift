import Harness

/// Which external runtimes compute in a precision, by the names that their worker gives them.
///
/// A name that ends with a precision, such as `openvino-latency-int8`, is of that alone. Any other
/// is of float32, and of int8 too unless another is: what it runs then is the ONNX file that it is
/// given, which says itself how it is quantized. PyTorch has its networks from elsewhere.
package struct PeerArms {
  private let names: [String]

  /// Takes those that answer each request by itself: what is gathered is a larger batch.
  package init(_ names: [String]) {
    self.names = names.filter { name in
      let plain = Self.precision(of: name).map { String(name.dropLast($0.rawValue.count + 1)) }
      return !(plain ?? name).hasSuffix(Engine.gatheredSuffix)
    }
  }

  /// Those of a precision, in their order.
  ///
  /// - Parameter precision: Nil for float32.
  /// - Returns: Names of arms.
  package func names(in precision: CaseID.Precision?) -> [String] {
    guard let precision else { return names.filter { Self.precision(of: $0) == nil } }
    return names.filter { name in
      if let own = Self.precision(of: name) { return own == precision }
      return precision == .int8 && !name.hasPrefix("pytorch")
        && !names.contains("\(name)-\(precision.rawValue)")
    }
  }

  private static func precision(of name: String) -> CaseID.Precision? {
    CaseID.Precision.allCases.first { name.hasSuffix("-\($0.rawValue)") }
  }
}
