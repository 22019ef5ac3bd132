import Economics
import Foundation

/// Files of `Fixtures`.
enum Fixture {
  static func url(_ name: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(name)")
  }

  static func table(_ name: String) throws -> Table {
    try Table(name: name, csv: Data(contentsOf: url("\(name).csv")))
  }

  /// FNV-1a of 64 bits, so that a fixture can hold digests without any library.
  static func digest(_ bytes: some Sequence<UInt8>, from start: UInt64 = offset) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  static let offset: UInt64 = 0xcbf2_9ce4_8422_2325
}
