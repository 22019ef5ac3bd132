import Harness

extension CaseID.Precision {
  /// What is multiplied, in words.
  var multiplied: String {
    switch self {
    case .bf16: "bfloat16"
    case .int8: "bytes"
    }
  }

  /// Of its marks in the cost chart, where float32's are `accent`.
  var colour: Palette {
    switch self {
    case .bf16: .earth
    case .int8: .purple
    }
  }
}
