import History
import TestSupport
import Testing

/// Processes that want the same folder take turns; who has to wait may say so.
struct FolderLockTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test func onlyWhoHasToWaitIsTold() {
    let path = folder.path("binary")
    var waits = 0
    let first = FolderLock(above: path) { waits += 1 }
    #expect(waits == 0)
    let second = FolderLock(above: path) {
      waits += 1
      first.release()
    }
    #expect(waits == 1)
    second.release()
    FolderLock(above: path) { waits += 1 }.release()
    #expect(waits == 1)
  }
}
