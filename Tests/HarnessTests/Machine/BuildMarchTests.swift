import Foundation
import Harness
import Testing

/// The instruction set in records is the one that the build was told.
struct BuildMarchTests {
  private static let told = ProcessInfo.processInfo.environment["COSTCURVE_MARCH"]

  @Test(.enabled(if: told != nil, "the build was told none"))
  func aRecordNamesWhatTheBuildWasTold() {
    #expect(ContextReader.march == Self.told)
  }
}
