import Glibc

/// Elements that end where a page ends, before one that nobody may touch: a read beyond them stops the
/// process.
final class PageEndBytes {
  private let start: UnsafeMutableRawPointer
  private let byteCount: Int
  /// The first element.
  let pointer: UnsafeRawPointer

  init<Element>(_ values: [Element]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let used = values.count * MemoryLayout<Element>.stride
    let open = (used + page - 1) / page * page
    let map = mmap(
      nil, open + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let map, map != UnsafeMutableRawPointer(bitPattern: -1),
      mprotect(map + open, page, PROT_NONE) == 0
    else { preconditionFailure("no memory of \(open + page) bytes") }
    let first = map + (open - used)
    values.withUnsafeBytes { source in
      if let place = source.baseAddress { first.copyMemory(from: place, byteCount: used) }
    }
    (start, byteCount, pointer) = (map, open + page, UnsafeRawPointer(first))
  }

  deinit { munmap(start, byteCount) }
}
