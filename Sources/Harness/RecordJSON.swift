/// The project's own JSON: what a file or a terminal gets of any value.
package enum RecordJSON {
  /// A value by the records' encoder, indented, with a line end behind it.
  ///
  /// - Throws: What the encoder throws, which a value of finite numbers never makes it do.
  package static func text(_ value: some Encodable) throws -> String {
    String(decoding: try ResultRecord.encoder().encode(value), as: UTF8.self) + "\n"
  }
}
