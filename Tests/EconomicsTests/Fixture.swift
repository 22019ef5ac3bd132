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
}
