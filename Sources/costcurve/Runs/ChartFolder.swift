import Basics
import Formats
import Foundation
import Reporter

/// Where the charts of a report go, two files each.
struct ChartFolder {
  let path: String

  /// Makes the folder where it is not there, and writes all charts.
  ///
  /// - Throws: `Problem` of kind `cannotWrite`, or `caseFailed` where there is no chart to write.
  func write(_ charts: [ChartFile]) throws {
    guard !charts.isEmpty else {
      throw Problem(.caseFailed, "--charts '\(path)': this run has nothing that is drawn.")
    }
    try Folder.make(path)
    for chart in charts {
      try AtomicFile.write(Data(chart.svg.utf8), to: "\(path)/\(chart.id).svg")
      try AtomicFile.write(Data(chart.csv.utf8), to: "\(path)/\(chart.id).csv")
    }
  }
}
