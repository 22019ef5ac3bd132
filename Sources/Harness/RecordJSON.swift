/// The project's own JSON: what a file or a terminal gets of any value.
package enum RecordJSON {
  /// A value by the records' encoder, indented, with a line end behind it.
  ///
  /// - Throws: What the encoder throws, which a value of finite numbers never makes it do.
  package static func text(_ value: some Encodable) throws -> String {
    if let records = value as? [ResultRecord] {
      return "[\n" + (try records.map { try filled($0) }).joined(separator: ",\n") + "\n]\n"
    }
    return try filled(value) + "\n"
  }

  /// A value with its validity before all else: what a reader has to know first stands first.
  private static func filled(_ value: some Encodable) throws -> String {
    guard var rest = value as? any Doubtable, let validity = rest.validity else {
      return try encoded(value)
    }
    rest.validity = nil
    let body = try encoded(rest)
    let first = try encoded(validity).split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n  ")
    // All that is encoded with a validity has other fields: the body begins with a brace.
    return "{\n  \"validity\" : \(first)," + body.dropFirst()
  }

  private static func encoded(_ value: some Encodable) throws -> String {
    String(decoding: try ResultRecord.encoder().encode(value), as: UTF8.self)
  }
}

/// What says of itself whether its figures may be taken for those of the machine.
private protocol Doubtable: Encodable {
  var validity: RunValidity? { get set }
}

extension ResultRecord: Doubtable {}
extension ComparisonRecord: Doubtable {}
extension Doctor.Findings: Doubtable {}
