import Formats
import Foundation
import TestSupport
import Testing

/// A file that may not be longer than its reader can hold.
@Suite struct GzipFileTests {
  @Test func whatGoesOnAfterTheLimitIsRefusedWithTheLimit() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("five", Data("12345".utf8))
    var whole = try GzipFile(path: path)
    let (head, tail) = (try whole.bytes(2), try whole.rest(limit: 3))
    #expect(head == Array("12".utf8) && tail == Array("345".utf8))
    let error = #expect(throws: FileError.self) {
      var long = try GzipFile(path: path)
      return try long.rest(limit: 4)
    }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains("\(path): goes on after 4 bytes") == true, "\(error)")
  }
}
