import Harness

/// A record in the form that `--format` asks for.
enum Rendering {
  /// - Throws: What the encoder throws, which a record of finite numbers never makes it do.
  static func text(of record: ResultRecord, as output: OutputOptions) throws -> String {
    String(decoding: try ResultRecord.encoder().encode(record), as: UTF8.self) + "\n"
  }
}
