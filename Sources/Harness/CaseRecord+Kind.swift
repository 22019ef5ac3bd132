extension CaseRecord.Kind {
  /// Whether a network answers requests: whole inputs, or a part of generating text.
  package var isInference: Bool { self == .infer || generatesText }

  /// Whether it is a part of generating text: reading a prompt, or one more token behind it.
  package var generatesText: Bool { self == .prefill || self == .decode }

  /// Whether a whole network runs.
  package var isNetwork: Bool { isInference || self == .train }

  /// The command that measures such cases, with the flag that asks for them.
  package var command: String { generatesText ? "infer --decode" : rawValue }
}
