import Foundation

/// The numbers in the first line of a file that the kernel writes anew for each reading.
///
/// Reading allocates nothing.
final class KernelNumbers {
  private let descriptor: Int32
  private let buffer: UnsafeMutableBufferPointer<UInt8>

  /// Opens the file; one that cannot be opened has no numbers.
  init(path: String) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    buffer = .allocate(capacity: 512)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }

  /// The number at a place among those of the first line, from 0; 0 where there is none.
  func number(at place: Int) -> UInt64 {
    guard descriptor >= 0 else { return 0 }
    let length = pread(descriptor, buffer.baseAddress, buffer.count, 0)
    guard length > 0 else { return 0 }
    var (index, value, isInside) = (-1, UInt64(0), false)
    for byte in buffer[..<length] {
      if byte >= 48, byte <= 57 {
        if !isInside { (index, value, isInside) = (index + 1, 0, true) }
        value = value &* 10 &+ UInt64(byte - 48)
      } else {
        if isInside, index == place { return value }
        if byte == 10 { return 0 }
        isInside = false
      }
    }
    return isInside && index == place ? value : 0
  }
}
