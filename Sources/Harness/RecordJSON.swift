/// The project's own JSON: what a file or a terminal gets of any value.
package enum RecordJSON {
  /// A value by the records' encoder, indented, with a line end behind it.
  ///
  /// - Throws: What the encoder throws, which a value of finite numbers never makes it do.
  package static func text(_ value: some Encodable) throws -> String {
    if let record = value as? ResultRecord { return try text(ofRecord: record) + "\n" }
    if let records = value as? [ResultRecord] {
      return "[\n" + (try records.map { try text(ofRecord: $0) }).joined(separator: ",\n") + "\n]\n"
    }
    return try filled(value) + "\n"
  }

  /// A record with its validity before all else: what a reader has to know first stands first.
  private static func text(ofRecord record: ResultRecord) throws -> String {
    var rest = record
    rest.validity = nil
    let body = try filled(rest)
    guard let validity = record.validity, let brace = body.firstIndex(of: "{") else { return body }
    let first = try filled(validity).split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n  ")
    return "{\n  \"validity\" : \(first)," + body[body.index(after: brace)...]
  }

  private static func filled(_ value: some Encodable) throws -> String {
    String(decoding: try ResultRecord.encoder().encode(value), as: UTF8.self)
  }
}
