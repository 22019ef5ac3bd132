import Foundation

/// An advisory lock on the folder of a file: processes that hold it take turns.
///
/// It leaves no file behind, and the system releases it when its holder dies. Where the folder
/// cannot be opened there is no lock, and whoever needed it meets the error that matters.
package struct FolderLock {
  private let descriptor: Int32

  /// Waits for the lock.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - busy: Called once where another holds the lock, before the wait for it.
  package init(above path: String, busy: () -> Void = {}) {
    let folder = (path as NSString).deletingLastPathComponent
    descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { busy() }
    while descriptor >= 0, flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  /// Lets the next one in, also where a process that was forked meanwhile still has the descriptor.
  package func release() {
    guard descriptor >= 0 else { return }
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
