/// The project's own JSON: what a file or a terminal gets of any value.
package enum RecordJSON {
  /// A value by the records' encoder, with arrays of numbers that fill lines instead of taking one
  /// each.
  ///
  /// - Throws: What the encoder throws, which a value of finite numbers never makes it do.
  package static func text(_ value: some Encodable) throws -> String {
    let json = try ResultRecord.encoder().encode(value)
    return String(decoding: JSONLayout.filled(json), as: UTF8.self) + "\n"
  }
}
