import Economics
import Foundation

/// How the tests prove that the audit notices.
extension Records {
  /// A copy with one cell changed.
  func replacing(table: String, row: Int, column: Int, with text: String) -> Records {
    var copy = self
    copy.tables[table]?.rows[row][column] = text
    return copy
  }

  /// A copy with one claim file changed.
  func replacing(claimFile: String, with data: Data) -> Records {
    var copy = self
    copy.claimFiles[claimFile] = data
    return copy
  }
}
